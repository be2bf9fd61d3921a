import { html } from './escape.ts'

/**
 * Opens a one-time link in a browser. The token stands in the fragment, which browsers never send, so neither a
 * proxy nor a log sees it; the script hands it in and removes it from the address bar and the history.
 */
export const renderWelcomePage = (basePath: string): string =>
  html`<!doctype html>
<html lang="en" data-base="${basePath}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Signing in · Claude Agent Runner Lite</title>
<link rel="stylesheet" href="${basePath}/api/docs.css">
<script src="${basePath}/welcome.js" defer></script>
</head>
<body class="page">
<main>
<h1>Claude Agent Runner Lite</h1>
<p id="state" role="status">Signing you in…</p>
<noscript><p>This page needs JavaScript to hand in the link.</p></noscript>
</main>
</body>
</html>
`.html

/** Goes with the page. Text is set as text, and the address is left even when the link is refused. */
export const welcomeScript = `const base = document.documentElement.dataset.base
const state = document.getElementById('state')
const token = decodeURIComponent(location.hash.slice(1).replace(/^token=/, ''))
history.replaceState(null, '', location.pathname)
signIn().catch(() => show('The server could not be reached. Open the link again.'))

async function signIn() {
  if (!token) return show('This address lacks its token. Open the whole link.')
  const reply = await fetch(base + '/api/v1/session/link', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  if (reply.ok) return location.replace(base + '/')
  const { error } = await reply.json()
  show(error.code === 'auth.wrong_credentials' ? 'This link was used already or is too old. Make a new one.' : error.fix)
}

function show(text) {
  state.textContent = text
}
`
