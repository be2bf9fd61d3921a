import { useMutation } from '@tanstack/react-query'
import { LogIn, UserRound } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Me } from '../../contract/accounts.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { hasSignedOut, leaveFor } from './leaving.ts'

interface OtherWaysProps {
  readonly provider: string | null
  readonly proxyUser: string | null
  /** Where in the dashboard to go afterwards. */
  readonly to: string | undefined
  /** Whether the form for name and password stands below. */
  readonly hasForm: boolean
  readonly onSignedIn: (user: Me) => Promise<void>
}

/** Signing in by the word of somebody else: the identity provider, or the proxy in front. */
export function OtherWays({ provider, proxyUser, to, hasForm, onSignedIn }: OtherWaysProps) {
  const t = useMessages('account')
  const begin = useMutation({
    mutationFn: () => api.singleSignOn.begin({ body: {} }),
    onSuccess: ({ url }) => leaveFor(url, to),
  })
  const byProxy = useMutation({
    mutationFn: () => api.singleSignOn.byProxy({ body: {} }),
    onSuccess: onSignedIn,
  })
  // Whom the proxy has let in need not click here as well, unless they just signed out.
  const { mutate } = byProxy
  const asked = useRef(false)
  useEffect(() => {
    if (proxyUser === null || asked.current || hasSignedOut()) return
    asked.current = true
    mutate()
  }, [proxyUser, mutate])
  if (provider === null && proxyUser === null) return null
  const failure = begin.error ?? byProxy.error
  return (
    <div className="flex flex-col gap-3">
      {proxyUser !== null && (
        <Button variant="secondary" isLoading={byProxy.isPending} onClick={() => byProxy.mutate()}>
          <UserRound aria-hidden />
          <span className="truncate foreign">{t.continueAs(proxyUser)}</span>
        </Button>
      )}
      {provider !== null && (
        <Button
          variant={hasForm ? 'secondary' : 'primary'}
          // The page goes on to look busy until the provider's shows.
          isLoading={begin.isPending || begin.isSuccess}
          onClick={() => begin.mutate()}
        >
          <LogIn aria-hidden />
          <span className="truncate foreign">{provider}</span>
        </Button>
      )}
      {failure && <ErrorPanel error={failure} isCompact />}
      {hasForm && (
        <p className="mt-2 flex items-center gap-3 text-sm text-muted-foreground before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">
          {t.orPassword}
        </p>
      )}
    </div>
  )
}
