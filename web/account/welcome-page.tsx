import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { api, codeOf } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Progress } from '../ui/progress.tsx'
import { DoorFrame } from './door-frame.tsx'
import { takeToken } from './fragment.ts'
import { sessionQuery } from './queries.ts'

// Taken as soon as the page is loaded, and handed in once, however often React renders.
let token: string | null = takeToken()
const isMissing = token === ''

/** Opens a one-time link that the command line printed. */
export function WelcomePage() {
  const t = useMessages('account')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { mutate, isError, error } = useMutation({
    mutationFn: (text: string) => api.session.link({ body: { token: text } }),
    onSuccess: async (user) => {
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, user)
      await navigate({ to: '/', replace: true })
    },
  })
  useEffect(() => {
    const text = token
    token = null
    if (text) mutate(text)
  }, [mutate])

  const isUsed = codeOf(error) === 'auth.wrong_credentials'
  const isOver = isError || isMissing
  return (
    <DoorFrame title={isOver ? t.signIn : t.linkTitle}>
      {!isOver && <Progress label={t.linkTitle} />}
      {isMissing && <p role="alert">{t.linkMissing}</p>}
      {isUsed && <p role="alert">{t.linkUsed}</p>}
      {isError && !isUsed && <ErrorPanel error={error} />}
      {isOver && (
        <Button asChild variant="secondary" className="mt-4">
          <Link to="/login">{t.toSignIn}</Link>
        </Button>
      )}
    </DoorFrame>
  )
}
