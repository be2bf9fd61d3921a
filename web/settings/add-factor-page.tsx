import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { DoorFrame } from '../account/door-frame.tsx'
import { useUser } from '../account/use-session.ts'
import { useSignOut } from '../account/use-sign-out.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { FactorsCard } from './factors.tsx'

/** For whoever must add a second factor before anything else: that, and nothing else to do. */
export function AddFactorPage() {
  const t = useMessages('settings').factors
  const navigate = useNavigate()
  const signOut = useSignOut()
  const isNeeded = useUser()?.mustAddFactor ?? true
  useEffect(() => {
    if (!isNeeded) void navigate({ to: '/', replace: true })
  }, [isNeeded, navigate])
  return (
    <DoorFrame title={t.neededTitle} hint={t.neededText} width="wide">
      <FactorsCard />
      <Button variant="ghost" className="mt-4" onClick={signOut}>
        {t.signOut}
      </Button>
    </DoorFrame>
  )
}
