import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { DoorFrame } from './door-frame.tsx'
import { sessionQuery } from './queries.ts'

/** Signing in. What went wrong is told in the same words whether there is such a user or not. */
export function LoginPage() {
  const t = useMessages('account')
  const { to, ended } = useSearch({ from: '/login' })
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.session.login({ body: { name, password } }),
    onSuccess: async (user) => {
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, user)
      await navigate({ to: '/', ...(to && { href: to }) })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <DoorFrame title={t.signInTitle} hint={ended ? t.signedOut : undefined}>
      <form onSubmit={submit} className="flex flex-col gap-4">
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
        {signIn.isError && <ErrorPanel error={signIn.error} isCompact />}
        <Button type="submit" isLoading={signIn.isPending}>
          {t.signIn}
        </Button>
      </form>
      <p className="mt-6 text-sm text-muted-foreground">{t.forgotten}</p>
    </DoorFrame>
  )
}
