import { useLocation, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ExecutionId } from '../../../contract/ids.ts'
import { api, downloadUrl } from '../../lib/api.ts'
import { useConnection } from '../../lib/connection.ts'
import { live } from '../../lib/live.ts'
import { LogPane, type LogPlace } from './log-pane.tsx'
import { createLogSource } from './log-source.ts'

interface LogViewProps {
  readonly executionId: ExecutionId
  /** The last number of the log, as far as the page knows: saves a look at the wrong end. */
  readonly lastSeq?: number
  /** The execution has ended. */
  readonly isFinal: boolean
}

/** Lines around a marked one, and before the end, that the first look brings. */
const before = 100
const tail = 400

/** The log of one execution: live while it grows, and as long as it is. */
export function LogView(props: LogViewProps) {
  return <LogOf key={props.executionId} {...props} />
}

function LogOf({ executionId, lastSeq = 0, isFinal }: LogViewProps) {
  const { level, stream, search, line, to } = useSearch({ from: '/inside/executions/$id' })
  const navigate = useNavigate({ from: '/executions/$id' })
  const router = useRouter()
  const { pathname } = useLocation()
  const [source] = useState(() =>
    createLogSource({
      read: (after, limit, signal) =>
        api.executions.log({ params: { id: executionId }, query: { after, limit } }, { signal }),
      follow: (follower) => live.follow(`log:${executionId}`, follower),
      isLive: () => useConnection.getState().state === 'live',
      startAfter: Math.max(0, line === undefined ? (isFinal ? 0 : lastSeq - tail) : line - before),
    }),
  )
  useEffect(() => {
    source.start()
    return source.stop
  }, [source])

  const linkTo = (place: LogPlace): string =>
    router.history.createHref(
      router.buildLocation({ to: pathname, search: { tab: 'log', ...place } as never }).href,
    )
  return (
    <LogPane
      source={source}
      place={{ level, stream, search, line, to }}
      onPlace={(place) =>
        void navigate({ search: (now) => ({ ...now, ...place }), replace: true, resetScroll: false })
      }
      linkTo={linkTo}
      downloadHref={downloadUrl(`/executions/${executionId}/log.txt`)}
      isGrowing={!isFinal}
    />
  )
}
