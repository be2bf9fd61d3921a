import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { KeyRound, Smartphone } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Factors } from '../../contract/second-factors.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { hasPasskeys, usePasskey } from '../lib/passkeys.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { ProofProblem } from './proof-problem.tsx'
import { factorsQuery } from './queries.ts'

interface StepUpDialogProps {
  readonly onDone: (isProven: boolean) => void
}

type Way = 'passkey' | 'totp' | 'password'

/** What somebody can prove with here, the strongest first. The password counts only where there is nothing better. */
function waysOf({ passkeys, totp, hasPassword }: Factors): Way[] {
  const host = location.hostname
  const strong: Way[] = [
    ...(hasPasskeys() && passkeys.some((one) => one.host === host) ? (['passkey'] as const) : []),
    ...(totp ? (['totp'] as const) : []),
  ]
  if (strong.length > 0) return strong
  return hasPassword && passkeys.length === 0 ? ['password'] : []
}

/** Asks whoever is at the screen to show that it is them, before something that is hard to undo. */
export function StepUpDialog({ onDone }: StepUpDialogProps) {
  const t = useMessages('account').stepUp
  const factors = useQuery(factorsQuery)
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={(open) => !open && onDone(false)}
      title={t.title}
      description={t.text}
    >
      {factors.isPending && <SkeletonRows rows={2} />}
      {factors.isError && <ErrorPanel error={factors.error} onRetry={() => void factors.refetch()} />}
      {factors.isSuccess && <Ways ways={waysOf(factors.data)} onDone={onDone} />}
    </Dialog>
  )
}

function Ways({ ways, onDone }: StepUpDialogProps & { readonly ways: readonly Way[] }) {
  const t = useMessages('account')
  const [chosen, setWay] = useState<Way | null>(null)
  const way = chosen ?? ways[0]
  if (!way) {
    return (
      <p className="text-pretty">
        {t.stepUp.none}{' '}
        <Link
          to="/settings"
          search={{ tab: 'account' }}
          className="underline underline-offset-2"
          onClick={() => onDone(false)}
        >
          {t.stepUp.toAccount}
        </Link>
      </p>
    )
  }
  const others = ways.filter((one) => one !== way)
  return (
    <div className="flex flex-col gap-4">
      {way === 'passkey' ? <ByPasskey onDone={onDone} /> : <ByText key={way} way={way} onDone={onDone} />}
      {others.map((other) => (
        <Button key={other} variant="ghost" onClick={() => setWay(other)}>
          {other === 'passkey' ? <KeyRound aria-hidden /> : <Smartphone aria-hidden />}
          {other === 'passkey' ? t.usePasskey : t.useCode}
        </Button>
      ))}
    </div>
  )
}

function ByPasskey({ onDone }: StepUpDialogProps) {
  const t = useMessages('account')
  const prove = useMutation({
    mutationFn: async () => {
      const { token, options } = await api.presence.passkeyOptions({})
      return api.presence.proveByPasskey({ body: { token, response: await usePasskey(options) } })
    },
    onSuccess: () => onDone(true),
  })
  return (
    <>
      {prove.error && <ProofProblem error={prove.error} />}
      <Button variant="primary" isLoading={prove.isPending} onClick={() => prove.mutate()}>
        <KeyRound aria-hidden />
        {t.usePasskey}
      </Button>
    </>
  )
}

function ByText({ way, onDone }: StepUpDialogProps & { readonly way: 'totp' | 'password' }) {
  const t = useMessages('account')
  const [text, setText] = useState('')
  const prove = useMutation({
    mutationFn: () =>
      way === 'totp'
        ? api.presence.proveByCode({ body: { code: text } })
        : api.presence.proveByPassword({ body: { password: text } }),
    onSuccess: () => onDone(true),
    onError: () => setText(''),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // The form that made the call stands around this one in React's tree, not on the page.
    event.stopPropagation()
    if (!prove.isPending) prove.mutate()
  }
  const isApp = way === 'totp'
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={isApp ? t.code : t.password} hint={isApp ? t.codeHint : undefined}>
        <Input
          type={isApp ? 'text' : 'password'}
          inputMode={isApp ? 'numeric' : 'text'}
          autoComplete={isApp ? 'one-time-code' : 'current-password'}
          mono={isApp}
          autoFocus
          required
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </Field>
      {prove.error && <ProofProblem error={prove.error} />}
      <Button type="submit" variant="primary" isLoading={prove.isPending}>
        {t.stepUp.confirm}
      </Button>
    </form>
  )
}
