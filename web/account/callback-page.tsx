import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Progress } from '../ui/progress.tsx'
import { DoorFrame } from './door-frame.tsx'
import { forgetSignedOut, takePlace } from './leaving.ts'
import { takeProviderAnswer } from './provider-answer.ts'
import { sessionQuery } from './queries.ts'

// Taken as soon as the page is loaded, and handed in once, however often React renders.
let answer = takeProviderAnswer()
const isMissing = answer === ''

/**
 * Where the identity provider leads back to. It hands in what came along by a call of its own: on the way here from
 * another site the browser sent no cookie, from this page it does.
 */
export function CallbackPage() {
  const t = useMessages('account')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { mutate, isError, error } = useMutation({
    mutationFn: (text: string) => api.singleSignOn.finish({ body: { answer: text } }),
    onSuccess: async (finished) => {
      if (finished.kind === 'tried') {
        await navigate({ to: '/settings', search: { tab: 'sign-in' }, replace: true })
        return
      }
      const to = takePlace()
      forgetSignedOut()
      queries.clear()
      queries.setQueryData(sessionQuery.queryKey, finished.user)
      await navigate({ to: '/', replace: true, ...(to !== undefined && { href: to }) })
    },
  })
  useEffect(() => {
    const text = answer
    answer = ''
    if (text) mutate(text)
  }, [mutate])

  const isOver = isError || isMissing
  return (
    <DoorFrame title={isOver ? t.notSignedIn : t.linkTitle}>
      {!isOver && <Progress label={t.linkTitle} />}
      {isMissing && <p role="alert">{t.answerMissing}</p>}
      {isError && <ErrorPanel error={error} />}
      {isOver && (
        <Button asChild variant="secondary" className="mt-4">
          <Link to="/login">{t.toSignIn}</Link>
        </Button>
      )}
    </DoorFrame>
  )
}
