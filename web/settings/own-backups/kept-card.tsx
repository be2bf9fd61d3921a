import { Archive, Download } from 'lucide-react'
import { keptBackups } from '../../../contract/own-backup-terms.ts'
import type { BackupPlace, OwnBackup } from '../../../contract/own-backups.ts'
import { downloadUrl } from '../../lib/api.ts'
import { formatBytes, formatDateTime } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../../ui/table.tsx'
import { describePlace } from './describe.ts'

interface KeptCardProps {
  readonly items: readonly OwnBackup[]
  readonly places: readonly BackupPlace[]
}

/** Every backup that lies somewhere, newest first. */
export function KeptCard({ items, places }: KeptCardProps) {
  const t = useMessages('ownBackups')
  const { days, weeks, months } = keptBackups
  const placeOf = (id: string) => places.find((place) => place.id === id)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.kept}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.keptText(days, weeks, months)}</p>
      </CardHeader>
      {items.length === 0 && (
        <EmptyState icon={Archive} title={t.none} text={t.noneText} guide="backup-and-keys" />
      )}
      {items.length > 0 && (
        <Table label={t.kept} stack="wide">
          <TableHead>
            <Th>{t.made}</Th>
            <Th>{t.size}</Th>
            <Th>{t.where}</Th>
            <Th>{t.proved}</Th>
            <Th>{t.key}</Th>
            <Th>
              <span className="sr-only">{t.actions}</span>
            </Th>
          </TableHead>
          <TableBody>
            {items.map(({ name, kind, createdAt, sizeBytes, isHere, placeIds, provedAt, keyId }) => (
              <Row key={name}>
                <Td className="py-2 font-medium">
                  <span className="block whitespace-nowrap">{formatDateTime(createdAt)}</span>
                  <span className="block text-sm font-normal text-muted-foreground">{t.why[kind]}</span>
                </Td>
                <Td label={t.size}>
                  <span className="whitespace-nowrap tabular-nums">
                    {sizeBytes === null ? t.unknown : formatBytes(sizeBytes)}
                  </span>
                </Td>
                <Td label={t.where}>
                  <span className="flex min-w-0 flex-wrap gap-1.5 stacked:justify-end">
                    {isHere && <Badge>{t.here}</Badge>}
                    {placeIds.map((id) => {
                      const place = placeOf(id)
                      return place && <Badge key={id}>{describePlace(place.settings)}</Badge>
                    })}
                  </span>
                </Td>
                <Td label={t.proved}>
                  {provedAt ? (
                    <Badge tone="ok">
                      <RelativeTime at={provedAt} />
                    </Badge>
                  ) : (
                    <span className="text-muted-foreground">{t.notProved}</span>
                  )}
                </Td>
                <Td label={t.key}>
                  <code className="text-sm">{keyId ?? t.unknown}</code>
                </Td>
                <Td align="right" className={isHere ? undefined : 'stacked:hidden'}>
                  {isHere && (
                    <Button asChild size="sm" variant="secondary">
                      <a
                        href={downloadUrl(`/own-backups/${name}/file`)}
                        download={name}
                        aria-label={t.downloadThis(formatDateTime(createdAt))}
                      >
                        <Download aria-hidden />
                        {t.download}
                      </a>
                    </Button>
                  )}
                </Td>
              </Row>
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  )
}
