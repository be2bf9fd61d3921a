import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Me, SignInReply } from '../../contract/accounts.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { hasPasskeys, usePasskey } from '../lib/passkeys.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Progress } from '../ui/progress.tsx'
import { DoorFrame } from './door-frame.tsx'
import { forgetSignedOut } from './leaving.ts'
import { OtherWays } from './other-ways.tsx'
import { ProofProblem } from './proof-problem.tsx'
import { sessionQuery, waysQuery } from './queries.ts'
import { type HalfWay, SecondStep } from './second-step.tsx'

/** Signing in: by password and, where there is one, a second factor, by a passkey alone, or by somebody else's word. */
export function LoginPage() {
  const { to, ended } = useSearch({ from: '/login' })
  return <Door to={to} hasEnded={ended === true} />
}

/** Signing in with name and password, also where the sign-in page leaves them out: the provider may be gone. */
export function PasswordLoginPage() {
  return <Door to={undefined} hasEnded={false} needsForm />
}

interface DoorProps {
  readonly to: string | undefined
  readonly hasEnded: boolean
  readonly needsForm?: boolean
}

/** The sign-in itself, wherever it was asked for. */
export function Door({ to, hasEnded, needsForm = false }: DoorProps) {
  const t = useMessages('account')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [halfWay, setHalfWay] = useState<HalfWay | null>(null)
  const ways = useQuery({ ...waysQuery, enabled: !needsForm })
  const enter = async (user: Me) => {
    forgetSignedOut()
    queries.clear()
    queries.setQueryData(sessionQuery.queryKey, user)
    await navigate({ to: '/', ...(to && { href: to }) })
  }
  if (halfWay) {
    return (
      <DoorFrame title={t.secondTitle} hint={t.secondText}>
        <SecondStep {...halfWay} onDone={enter} onBack={() => setHalfWay(null)} />
      </DoorFrame>
    )
  }
  // A server that does not tell its ways has the oldest one.
  const hasForm = needsForm || ways.isError || ways.data?.password === true
  return (
    <DoorFrame title={t.signInTitle} hint={hasEnded ? t.signedOut : undefined}>
      {ways.isLoading && <Progress label={t.lookingForWays} />}
      {ways.data && (
        <OtherWays
          provider={ways.data.provider}
          proxyUser={ways.data.proxyUser}
          to={to}
          hasForm={hasForm}
          onSignedIn={enter}
        />
      )}
      {hasForm && <FirstStep onDone={enter} onHalfWay={setHalfWay} />}
    </DoorFrame>
  )
}

interface FirstStepProps {
  readonly onDone: (user: Me) => Promise<void>
  readonly onHalfWay: (halfWay: HalfWay) => void
}

/** What went wrong is told in the same words whether there is such a user or not. */
function FirstStep({ onDone, onHalfWay }: FirstStepProps) {
  const t = useMessages('account')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.session.login({ body: { name, password } }),
    onSuccess: async (reply: SignInReply) => {
      if (reply.kind === 'second-factor') onHalfWay(reply)
      else await onDone(reply.user)
    },
  })
  const byPasskey = useMutation({
    mutationFn: async () => {
      const { token, options } = await api.signIn.passkeyOptions({ body: {} })
      return api.signIn.passkey({ body: { token, response: await usePasskey(options) } })
    },
    onSuccess: onDone,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    byPasskey.reset()
    if (!signIn.isPending) signIn.mutate()
  }
  const error = signIn.error ?? byPasskey.error
  return (
    <>
      <form onSubmit={submit} className="mt-4 flex flex-col gap-4 first:mt-0">
        <Field label={t.name}>
          <Input
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="username"
            autoFocus
            required
          />
        </Field>
        <Field label={t.password}>
          <Input
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            required
          />
        </Field>
        {error && <ProofProblem error={error} />}
        <Button type="submit" isLoading={signIn.isPending}>
          {t.signIn}
        </Button>
        {hasPasskeys() && (
          <Button
            variant="secondary"
            isLoading={byPasskey.isPending}
            onClick={() => {
              signIn.reset()
              byPasskey.mutate()
            }}
          >
            <KeyRound aria-hidden />
            {t.orPasskey}
          </Button>
        )}
      </form>
      <p className="mt-6 text-sm text-muted-foreground">{t.forgotten}</p>
    </>
  )
}
