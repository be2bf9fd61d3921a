import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** A folder as `npm run build` makes it for the dashboard, with little in it. */
export function builtDashboard() {
  const folder = mkdtempSync(join(tmpdir(), 'carl-web-'))
  const script = `document.body.append('here')\n${'// more\n'.repeat(400)}`
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content)
  mkdirSync(join(folder, 'assets'))
  write('assets/index-abc123.js', script)
  write('assets/index-abc123.js.br', brotliCompressSync(script))
  write('assets/index-abc123.js.gz', gzipSync(script))
  write('assets/inter.woff2', Buffer.alloc(64))
  write('icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  write('manifest.webmanifest', '{}')
  write('worker.js', '')
  write('boot.js', 'document.documentElement.dataset.theme = "dark"\n')
  write(
    'index.html',
    `<!doctype html>
<html lang="en" data-base="" data-signed-in="">
<head>
<meta property="csp-nonce" nonce="__carl_nonce__">
<link rel="icon" href="/__carl_base__/icon.svg">
<script src="/__carl_base__/boot.js"></script>
<script type="module" src="/__carl_base__/assets/index-abc123.js" nonce="__carl_nonce__"></script>
</head>
<body></body>
</html>
`,
  )
  return { folder, script, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
