import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a server shows who it is by. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** An authority of our own, as people at home make one, and what it signed. */
export interface Authority {
  readonly ca: string
  /** A certificate for names and addresses: `DNS:mail.lan`, `IP:127.0.0.1`. */
  issue(...names: readonly string[]): Identity
}

/** Made with the `openssl` of the machine; the keys live as long as the call. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'carl-ca-'))
  const run = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const
  run('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=home CA')
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  let count = 0
  return {
    ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    issue: (...names) => {
      const own = `server-${++count}`
      writeFileSync(join(folder, `${own}.ext`), `subjectAltName=${names.join(',')}\n`)
      run('req', ...newKey, '-keyout', `${own}.key`, '-out', `${own}.csr`, '-subj', `/CN=${own}`)
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
      run('x509', '-req', '-in', `${own}.csr`, ...signed, '-extfile', `${own}.ext`, '-out', `${own}.pem`)
      const read = (ending: string) => readFileSync(join(folder, `${own}.${ending}`), 'utf8')
      return { key: read('key'), cert: read('pem') }
    },
  }
}
