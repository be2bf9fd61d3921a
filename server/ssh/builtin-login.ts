import ssh2, { type AnyAuthMethod, type AuthenticationType, type NextAuthHandler } from 'ssh2'
import { type AppError, fail } from '../lib/errors.ts'
import { printable } from './probe.ts'
import type { Login, SshTarget } from './transport.ts'

const noSignature = 'The node takes no kind of signature that this key can give here.'

/** How the login of one connection went so far. */
export interface LoginAttempt {
  /** Answers the library with the next thing to try. The credential is borrowed only here, after the host key. */
  next(left: AuthenticationType[] | null, isPartial: boolean | null, answer: NextAuthHandler): void
  /** Gives the credential back. */
  done(): void
  readonly isTried: boolean
  readonly offered: readonly string[]
  readonly isPartial: boolean
}

interface LoginOutcomes {
  /** The node did not take the credential; what it said of it is in the attempt. */
  refused(): void
  /** It did not come to that. */
  failed(error: unknown): void
}

/** Logs in with exactly one credential, once: a wrong one costs one failure on the node, whatever it is. */
export function createLoginAttempt(
  target: Pick<SshTarget, 'username' | 'withLogin'>,
  { refused, failed }: LoginOutcomes,
): LoginAttempt {
  const { username } = target
  const { promise: over, resolve: done } = Promise.withResolvers<void>()
  let login: Login | undefined
  let isTried = false
  let isPartial = false
  /** The methods the node takes, as it said last; null before it said anything. */
  let offered: readonly string[] | null = null

  function next(left: AuthenticationType[] | null, partial: boolean | null, answer: NextAuthHandler): void {
    if (left) offered = left
    if (partial) isPartial = true
    if (login) return proceed(login, answer)
    target
      .withLogin(async (lent) => {
        login = lent
        proceed(lent, answer)
        await over
      })
      .catch(failed)
  }

  function proceed(lent: Login, answer: NextAuthHandler): void {
    if (isTried) {
      // Asked again without a word from the node: the library had no way to send it.
      return offered ? refused() : failed(fail('ssh.no_common_algorithm', { detail: noSignature }))
    }
    if (lent.kind === 'key') {
      isTried = true
      return answer({ type: 'publickey', username, key: parseKey(lent.privateKey.reveal()) })
    }
    // Which ways there are is asked first, with a question that counts as no failure. Then the one that fits is used.
    if (!offered) return answer({ type: 'none', username })
    const method = passwordMethod(lent.password.reveal(), offered)
    if (!method) return refused()
    isTried = true
    answer(method)
  }

  function passwordMethod(password: string, methods: readonly string[]): AnyAuthMethod | null {
    if (methods.includes('password')) return { type: 'password', username, password }
    if (!methods.includes('keyboard-interactive')) return null
    let answered = false
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, instructions, _language, prompts, finish) => {
        const [prompt, ...more] = prompts
        if (!prompt) return finish([])
        if (answered || more.length > 0) return failed(furtherQuestion(`${instructions} ${prompt.prompt}`))
        answered = true
        finish([password])
      },
    }
  }

  return {
    next,
    done,
    get isTried() {
      return isTried
    },
    get offered() {
      return offered ?? []
    },
    get isPartial() {
      return isPartial
    },
  }
}

function furtherQuestion(text: string): AppError {
  const isExpired = /new password|change your password|expired/i.test(text)
  const detail = `The node asks further: “${printable(text).slice(0, 120)}”.`
  return fail(isExpired ? 'ssh.password_expired' : 'ssh.auth_partial', { detail })
}

function parseKey(text: string) {
  const key = ssh2.utils.parseKey(text)
  // The vault keeps only keys that can be read here; the library would skip one in silence.
  if (key instanceof Error)
    throw fail('key.unrecognised', { detail: `The stored key cannot be read: ${key.message}.` })
  return key
}
