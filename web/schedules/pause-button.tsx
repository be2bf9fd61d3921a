import { CirclePause, CirclePlay } from 'lucide-react'
import { Button } from '../ui/button.tsx'

interface PauseButtonProps {
  readonly paused: boolean
  readonly isPending: boolean
  readonly words: { readonly pause: string; readonly resume: string }
  readonly onClick: () => void
}

/** Lets something rest, or go on. */
export function PauseButton({ paused, isPending, words, onClick }: PauseButtonProps) {
  return (
    <Button variant="secondary" isLoading={isPending} onClick={onClick}>
      {paused ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
      {paused ? words.resume : words.pause}
    </Button>
  )
}
