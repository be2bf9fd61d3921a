/** The look of the pages that the server renders itself: light and dark, from 320 px up, no fonts to load. */
export const docsStyle = `:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf8, #16181b);
  --card: light-dark(#fff, #1d2024);
  --ink: light-dark(#1f2328, #e4e6e9);
  --soft: light-dark(#5a626b, #9da5af);
  --line: light-dark(#dfdcd6, #32373d);
  --link: light-dark(#0b5cad, #7db7ff);
  --get: light-dark(#0f6b4a, #6fd6a8);
  --write: light-dark(#8a4b00, #f0b662);
  --delete: light-dark(#a3282f, #ff9aa0);
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 3.5rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; max-width: 60rem; padding: 0 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; margin: 1.5rem 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
h4 { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--soft); }
p { margin: .25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: .9em ui-monospace, monospace; }
nav {
  position: sticky; top: 0; display: flex; gap: 1rem; padding: .75rem 1rem; margin: 1rem -1rem 0; overflow-x: auto;
  background: var(--paper); border-bottom: 1px solid var(--line);
}
nav a { text-decoration: none; white-space: nowrap; }
details { margin: .5rem 0; padding: .25rem .9rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
details[open] { padding-bottom: .9rem; }
summary { cursor: pointer; padding: .4rem 0; }
.method { display: inline-block; min-width: 4rem; font: 600 .8rem ui-monospace, monospace; color: var(--write); }
.get { color: var(--get); }
.delete { color: var(--delete); }
.path { font-weight: 600; }
.summary { display: block; color: var(--soft); padding-left: 1.1rem; }
.who, .limits, .optional, .status { color: var(--soft); font-size: .85rem; }
.status { font-weight: 400; }
.fields { list-style: none; margin: .25rem 0; padding: 0; }
.fields li { padding: .2rem 0; }
.fields .fields { margin-left: .25rem; padding-left: .75rem; border-left: 2px solid var(--line); }
.name { font-weight: 600; }
.type { font: .85rem ui-monospace, monospace; color: var(--soft); }
.errors { margin: .25rem 0; }
.errors dt { margin-top: .5rem; }
.errors dd { margin: 0; color: var(--soft); }
.page { max-width: 28rem; padding-top: 20vh; }
`
