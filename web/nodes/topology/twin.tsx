import { Link } from '@tanstack/react-router'
import type { Agent } from '../../../contract/agents.ts'
import type { NodeId } from '../../../contract/ids.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { HealthBadge } from '../../ui/status-badge.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../../ui/table.tsx'
import type { Group } from './groups.ts'
import { RunMenu } from './run-menu.tsx'
import { useState } from 'react'

interface TwinProps {
  readonly groups: readonly Group[]
  readonly names: ReadonlyMap<NodeId, string>
  readonly agents: readonly Agent[]
}

/** Rows drawn at a time; ten thousand would take seconds. */
const rowsAtOnce = 200

/** All that the picture says, as a table: group, node, health, and the way there. */
export function Twin({ groups, names, agents }: TwinProps) {
  const t = useMessages('nodes').topology
  const [most, setMost] = useState(rowsAtOnce)
  const rows = groups.flatMap((group) => group.nodes.map((node) => ({ group, node })))
  return (
    <Card>
      <Table label={t.picture} stack>
        <TableHead>
          <Th>{t.node}</Th>
          <Th>{t.group}</Th>
          <Th>{t.health}</Th>
          <Th>{t.way}</Th>
          {agents.length > 0 && (
            <Th>
              <span className="sr-only">{t.runHere}</span>
            </Th>
          )}
        </TableHead>
        <TableBody>
          {rows.slice(0, most).map(({ group, node: { id, name, health, jumpNodeId } }) => (
            <Row key={id}>
              <Td>
                <Link to="/nodes/$id" params={{ id }} className="font-medium hover:underline foreign">
                  {name}
                </Link>
              </Td>
              <Td label={t.group}>
                <span className="foreign">{group.name ?? t.others}</span>
              </Td>
              <Td label={t.health}>
                <HealthBadge health={health} />
              </Td>
              <Td label={t.way}>
                <span className="block max-w-48 truncate foreign">
                  {jumpNodeId ? t.via(names.get(jumpNodeId) ?? jumpNodeId) : t.direct}
                </span>
              </Td>
              {agents.length > 0 && (
                <Td align="right">
                  <RunMenu label={t.runOn(name)} agents={agents} targets={[id]} />
                </Td>
              )}
            </Row>
          ))}
        </TableBody>
      </Table>
      {rows.length > most && (
        <div className="border-t border-border px-4 py-3 text-center">
          <Button size="sm" variant="secondary" onClick={() => setMost(most + rowsAtOnce)}>
            {t.more(formatNumber(rows.length - most))}
          </Button>
        </div>
      )}
    </Card>
  )
}
