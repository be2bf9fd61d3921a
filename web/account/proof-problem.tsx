import { PasskeyDismissed } from '../lib/passkeys.ts'
import { useMessages } from '../lib/messages.ts'
import { ErrorPanel } from '../ui/error-panel.tsx'

/** What went wrong with a proof. That nobody unlocked a passkey is no error, only said. */
export function ProofProblem({ error }: { readonly error: Error }) {
  const t = useMessages('account')
  if (error instanceof PasskeyDismissed) {
    return (
      <p role="alert" className="text-sm text-muted-foreground">
        {t.passkeyDismissed}
      </p>
    )
  }
  return <ErrorPanel error={error} isCompact />
}
