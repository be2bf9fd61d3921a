import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CirclePause, CirclePlay } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'

interface PauseButtonProps {
  readonly of: { readonly name: string; readonly paused: boolean }
  readonly words: {
    readonly pause: string
    readonly resume: string
    readonly pausedNow: (name: string) => string
    readonly resumed: (name: string) => string
  }
  readonly change: (paused: boolean) => Promise<unknown>
}

/** Lets a schedule or a trigger rest, or go on. */
export function PauseButton({ of: { name, paused }, words, change }: PauseButtonProps) {
  const queries = useQueryClient()
  const pause = useMutation({
    mutationFn: () => change(!paused),
    onSuccess: () => tellSuccess(paused ? words.resumed(name) : words.pausedNow(name)),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['schedules'] }),
  })
  return (
    <Button variant="secondary" isLoading={pause.isPending} onClick={() => pause.mutate()}>
      {paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
      {paused ? words.resume : words.pause}
    </Button>
  )
}
