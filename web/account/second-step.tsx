import { useMutation } from '@tanstack/react-query'
import { ArrowLeft, KeyRound, LifeBuoy, Smartphone } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Me, SignInReply } from '../../contract/accounts.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { hasPasskeys, usePasskey } from '../lib/passkeys.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { ProofProblem } from './proof-problem.tsx'

/** The password was right; the second factor is still to come. */
export type HalfWay = Extract<SignInReply, { kind: 'second-factor' }>
type Way = HalfWay['ways'][number]

interface SecondStepProps extends HalfWay {
  readonly onDone: (user: Me) => Promise<void>
  readonly onBack: () => void
}

const icons = { passkey: KeyRound, totp: Smartphone, 'recovery-code': LifeBuoy }

/** Asks for the strongest factor there is; the others are one click away. */
export function SecondStep({ token, ways, onDone, onBack }: SecondStepProps) {
  const t = useMessages('account')
  const usable = ways.filter((way) => way !== 'passkey' || hasPasskeys())
  const [way, setWay] = useState<Way>(usable[0] ?? 'recovery-code')
  const labels = { passkey: t.usePasskey, totp: t.useCode, 'recovery-code': t.useRecovery }
  return (
    <div className="flex flex-col gap-6">
      {way === 'passkey' ? (
        <ByPasskey token={token} onDone={onDone} />
      ) : (
        <ByCode key={way} token={token} way={way} onDone={onDone} />
      )}
      <div className="flex flex-col gap-2">
        {usable
          .filter((other) => other !== way)
          .map((other) => {
            const Icon = icons[other]
            return (
              <Button key={other} variant="secondary" onClick={() => setWay(other)}>
                <Icon aria-hidden />
                {labels[other]}
              </Button>
            )
          })}
        <Button variant="ghost" onClick={onBack}>
          <ArrowLeft aria-hidden />
          {t.back}
        </Button>
      </div>
      <p className="text-sm text-muted-foreground">{t.lostAll}</p>
    </div>
  )
}

type StepProps = Pick<SecondStepProps, 'token' | 'onDone'>

function ByPasskey({ token, onDone }: StepProps) {
  const t = useMessages('account')
  const signIn = useMutation({
    mutationFn: async () => {
      const question = await api.signIn.passkeyOptions({ body: { token } })
      const response = await usePasskey(question.options)
      return api.signIn.passkey({ body: { token: question.token, response } })
    },
    onSuccess: onDone,
  })
  return (
    <div className="flex flex-col gap-4">
      {signIn.error && <ProofProblem error={signIn.error} />}
      <Button variant="primary" isLoading={signIn.isPending} onClick={() => signIn.mutate()}>
        <KeyRound aria-hidden />
        {t.usePasskey}
      </Button>
    </div>
  )
}

function ByCode({ token, way, onDone }: StepProps & { readonly way: 'totp' | 'recovery-code' }) {
  const t = useMessages('account')
  const [code, setCode] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.signIn.secondFactor({ body: { token, way, code } }),
    onSuccess: onDone,
    onError: () => setCode(''),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!signIn.isPending) signIn.mutate()
  }
  const isApp = way === 'totp'
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={isApp ? t.code : t.recoveryCode} hint={isApp ? t.codeHint : t.recoveryHint}>
        <Input
          value={code}
          onChange={({ target }) => setCode(target.value)}
          inputMode={isApp ? 'numeric' : 'text'}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          mono
          autoFocus
          required
        />
      </Field>
      {signIn.error && <ProofProblem error={signIn.error} />}
      <Button type="submit" variant="primary" isLoading={signIn.isPending}>
        {t.goOn}
      </Button>
    </form>
  )
}
