import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { takeToken } from '../account/fragment.ts'
import { sessionQuery, setupQuery } from '../account/queries.ts'
import { api, ApiError, codeOf } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'

// Taken out of the address as soon as the page is loaded, so that it stays in no history.
export const tokenOfLink = takeToken()

/** Makes the first administrator with the one-time token of the link. */
export function ClaimStep() {
  const t = useMessages('setup').claim
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [token, setToken] = useState(tokenOfLink)
  const [name, setName] = useState('admin')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [isUnequal, setUnequal] = useState(false)
  const claim = useMutation({
    mutationFn: () => api.setup.claim({ body: { token: token.trim(), name, password } }),
    onSuccess: async (user) => {
      queries.setQueryData(sessionQuery.queryKey, user)
      queries.setQueryData(setupQuery.queryKey, { claimed: true })
      await navigate({ to: '/setup', search: { step: 'node' }, replace: true })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUnequal(password !== again)
    if (password === again) claim.mutate()
  }
  const { token: wrongToken, name: wrongName, password: wrongPassword } = issuesOf(claim.error)
  const isElsewhere = claim.isError && !wrongToken && !wrongName && !wrongPassword
  return (
    <form onSubmit={submit} className="flex max-w-md flex-col gap-4" noValidate>
      {(!tokenOfLink || wrongToken) && (
        <Field label={t.token} hint={t.tokenHint} error={wrongToken} required>
          <Input mono value={token} spellCheck={false} onChange={(event) => setToken(event.target.value)} />
        </Field>
      )}
      <Field label={t.name} error={wrongName} required>
        <Input
          value={name}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label={t.password} hint={t.passwordHint} error={wrongPassword} required>
        <Input
          type="password"
          value={password}
          autoComplete="new-password"
          autoFocus
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Field label={t.again} error={isUnequal ? t.unequal : undefined} required>
        <Input
          type="password"
          value={again}
          autoComplete="new-password"
          onChange={(event) => setAgain(event.target.value)}
        />
      </Field>
      {isElsewhere && <ErrorPanel error={claim.error} isCompact />}
      <Button type="submit" isLoading={claim.isPending} className="self-start max-sm:w-full">
        {t.submit}
      </Button>
    </form>
  )
}

/** A refusal at the field it is about. */
function issuesOf(error: unknown): { token?: string; name?: string; password?: string } {
  if (!(error instanceof ApiError)) return {}
  const { detail, fix } = error.problem
  switch (codeOf(error)) {
    case 'auth.setup_link_invalid':
      return { token: `${detail} ${fix}` }
    case 'auth.password_too_weak':
      return { password: `${detail} ${fix}` }
    default:
      return Object.fromEntries(error.issues.map(({ path, message }) => [path, message]))
  }
}
