import { CircleHelp, CirclePause, Hand, ShieldAlert, WifiOff } from 'lucide-react'
import type { Node } from '../../contract/nodes.ts'
import { useCan } from '../account/use-session.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { failedStep } from '../nodes/failed-step.ts'
import { FixText } from '../nodes/fix-text.tsx'
import { usePause } from './head.tsx'

interface NodeNoticeProps {
  readonly node: Node
  readonly onTest: () => void
  readonly onOpenConnection: () => void
}

/** What stands in the way of running agents on the node, and the way out. Nothing where all is well. */
export function NodeNotice({ node, onTest, onOpenConnection }: NodeNoticeProps) {
  const messages = useMessages('nodes')
  const t = messages.detail
  const pause = usePause(node)
  const mayTest = useCan('node.test', node.id)
  const mayWrite = useCan('node.write', node.id)
  const { lastProblem, lastSeenAt, health } = node

  if (health === 'paused') {
    return (
      <Notice
        icon={CirclePause}
        tone="idle"
        title={t.pausedText}
        action={
          mayWrite && (
            <Button
              size="sm"
              variant="secondary"
              isLoading={pause.isPending}
              onClick={() => pause.mutate(false)}
            >
              {t.resume}
            </Button>
          )
        }
      />
    )
  }
  if (health === 'unknown') {
    return (
      <Notice
        icon={CircleHelp}
        tone="wait"
        title={t.unknownTitle}
        action={
          mayTest && (
            <Button size="sm" variant="primary" onClick={onTest}>
              {messages.doctor.test}
            </Button>
          )
        }
      >
        {t.unknownText}
      </Notice>
    )
  }
  if (!lastProblem) return null
  const isChanged = lastProblem.code === 'ssh.host_key_changed'
  const isBlocked = health === 'blocked'
  const step = failedStep(lastProblem.code)
  return (
    <Notice
      icon={isChanged ? ShieldAlert : isBlocked ? Hand : WifiOff}
      tone={isChanged || !isBlocked ? 'fail' : 'wait'}
      title={isChanged ? messages.hostKey.changedTitle : isBlocked ? t.blocked : t.unreachable}
      action={
        <Button size="sm" variant={isBlocked ? 'primary' : 'secondary'} onClick={onOpenConnection}>
          {t.toConnection}
        </Button>
      }
    >
      <span className="foreign">
        {step && `${messages.doctor.steps[step]}: `}
        {lastProblem.detail} <FixText text={lastProblem.fix} />
      </span>
      {lastSeenAt && (
        <span className="mt-1 block text-sm text-muted-foreground">
          {t.lastGood} <RelativeTime at={lastSeenAt} />
        </span>
      )}
    </Notice>
  )
}
