import { html } from './escape.ts'

interface SealedPage {
  readonly basePath: string
  /** Whether there is a passphrase yet. */
  readonly hasPassphrase: boolean
}

/** The one page of a sealed server. Its words are its own: it says nothing of what lies behind. */
export const renderSealedPage = ({ basePath, hasPassphrase }: SealedPage): string =>
  html`<!doctype html>
<html lang="en" data-base="${basePath}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sealed · Claude Agent Runner Lite</title>
<link rel="stylesheet" href="${basePath}/sealed.css">
<script src="${basePath}/sealed.js" defer></script>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" width="28" height="28" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><rect width="18" height="11" x="3" y="11" rx="2"/><path d="M7 11V7a5 5 0 0 1 10 0v4"/></svg>
<h1>This server is sealed</h1>
${hasPassphrase ? form : noPassphrase}
</main>
</body>
</html>
`.html

const form = html`<p>It started without the key to its secrets. Until it is opened with its passphrase, nothing runs and nobody can sign in.</p>
<form id="unseal">
<label for="passphrase">Passphrase</label>
<input id="passphrase" type="password" autocomplete="current-password" maxlength="1024" required autofocus aria-describedby="state">
<button type="submit">Open the server</button>
<p id="state" role="status"></p>
</form>
<noscript><p>This page needs JavaScript. Or run <code>carl unseal</code> on the machine of the server.</p></noscript>
<p class="quiet">On its machine, <code>carl unseal</code> does the same. If the passphrase is lost, the recovery kit holds the key.</p>`

const noPassphrase = html`<p>It has no passphrase yet. Whoever set it up chooses one on its machine:</p>
<pre><code>carl unseal</code></pre>
<p id="state" role="status" class="quiet">This page goes on by itself once that is done.</p>`

/** Goes with the page. Text is set as text; once the server is open, the page gives way to the dashboard. */
export const sealedScript = `const base = document.documentElement.dataset.base
const state = document.getElementById('state')
const form = document.getElementById('unseal')
let isBusy = false
form?.addEventListener('submit', (event) => {
  event.preventDefault()
  if (!isBusy) unseal().catch(() => show('The server could not be reached. Try again.'))
})
setInterval(look, 3000)

async function unseal() {
  const field = document.getElementById('passphrase')
  isBusy = true
  show('Opening…', 'quiet')
  try {
    const reply = await fetch(base + '/api/v1/unseal', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ passphrase: field.value }),
    })
    if (reply.ok) {
      field.value = ''
      show('It is open. Starting…', 'quiet')
      return
    }
    const { error } = await reply.json()
    const wait = reply.headers.get('retry-after')
    const more = error.detail === error.title + '.' ? '' : error.detail
    show(error.title + '. ' + (wait ? 'Try again in ' + wait + ' s.' : more))
    field.select()
  } finally {
    isBusy = false
  }
}

async function look() {
  const reply = await fetch(base + '/readyz').catch(() => null)
  if (reply?.ok) location.replace(base + '/')
}

function show(text, look = 'wrong') {
  state.textContent = text
  state.className = look
}
`

export const sealedStyle = `:root { color-scheme: light dark; --back: #fafafa; --front: #18181b; --quiet: #52525b; --line: #8b8b95; --card: #fff; --edge: #e4e4e7; --wrong: #b42318 }
@media (prefers-color-scheme: dark) { :root { --back: #0f0f11; --front: #f4f4f5; --quiet: #a8a8b3; --line: #71717a; --card: #18181b; --edge: #2e2e33; --wrong: #ff9a8f } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1rem; background: var(--back); color: var(--front); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; padding: 1.75rem; border: 1px solid var(--edge); border-radius: .75rem; background: var(--card) }
h1 { margin: .75rem 0 .5rem; font-size: 1.375rem; line-height: 1.3 }
p { margin: 0 0 1rem; text-wrap: pretty }
.quiet { color: var(--quiet); font-size: .875rem }
.wrong { color: var(--wrong) }
p:last-child, #state { margin-bottom: 0 }
form { display: grid; gap: .5rem; margin-bottom: 1.25rem }
label { font-weight: 600 }
input, button { min-height: 2.75rem; border-radius: .5rem; font: inherit }
input { width: 100%; padding: 0 .75rem; border: 1px solid var(--line); background: transparent; color: inherit }
button { margin-top: .25rem; border: 0; background: var(--front); color: var(--card); font-weight: 600; cursor: pointer }
:focus-visible { outline: 2px solid var(--front); outline-offset: 2px }
pre { margin: 0 0 1rem; padding: .75rem; overflow-x: auto; border: 1px solid var(--edge); border-radius: .5rem }
code { font-family: ui-monospace, monospace; font-size: .9em }
`
