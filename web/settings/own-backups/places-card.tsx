import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FolderSync, Plus } from 'lucide-react'
import { useState } from 'react'
import type { BackupPlace } from '../../../contract/own-backups.ts'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../../ui/table.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { ownBackupsQuery } from '../queries.ts'
import { describePlace } from './describe.ts'
import { PlaceForm } from './place-form.tsx'

/** The places that every backup is copied to. */
export function PlacesCard({ places }: { readonly places: readonly BackupPlace[] }) {
  const t = useMessages('ownBackups')
  const queries = useQueryClient()
  const [isAdding, setAdding] = useState(false)
  const [asked, setAsked] = useState<BackupPlace | null>(null)
  const refresh = () => void queries.invalidateQueries({ queryKey: ownBackupsQuery.queryKey })
  const remove = useMutation({
    mutationFn: ({ id }: BackupPlace) => api.ownBackups.removePlace({ params: { id } }),
    onSuccess: () => {
      setAsked(null)
      tellSuccess(t.removed)
    },
    onError: tellFailure,
    onSettled: refresh,
  })
  const test = useMutation({
    mutationFn: ({ id }: BackupPlace) => api.ownBackups.testPlace({ params: { id }, body: {} }),
    onSuccess: () => tellSuccess(t.tested),
    onError: tellFailure,
    onSettled: refresh,
  })
  const add = (
    <Button variant="secondary" size="sm" onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t.add}
    </Button>
  )
  return (
    <Card>
      <CardHeader actions={places.length > 0 && add}>
        <CardTitle>{t.places}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">{t.placesText}</p>
      </CardHeader>
      {places.length === 0 && (
        <EmptyState icon={FolderSync} title={t.noPlaces} action={add} className="pt-4" />
      )}
      {places.length > 0 && (
        <Table label={t.places} stack>
          <TableHead>
            <Th>{t.place}</Th>
            <Th>{t.filled}</Th>
            <Th>{t.count}</Th>
            <Th>{t.state}</Th>
            <Th>
              <span className="sr-only">{t.actions}</span>
            </Th>
          </TableHead>
          <TableBody>
            {places.map((place) => {
              const label = describePlace(place.settings)
              return (
                <Row key={place.id}>
                  <Td className="py-2 font-medium">
                    <span className="block wrap-anywhere foreign">{label}</span>
                    <span className="block text-sm font-normal text-muted-foreground">
                      {t.kinds[place.settings.kind].title}
                    </span>
                  </Td>
                  <Td label={t.filled}>{place.filledAt ? <RelativeTime at={place.filledAt} /> : t.never}</Td>
                  <Td label={t.count}>{place.names.length}</Td>
                  <Td label={t.state}>
                    {place.problem ? (
                      <span className="block max-w-xs">
                        <Badge tone="fail">{t.broken}</Badge>
                        <span className="mt-1 block text-sm text-muted-foreground text-pretty wrap-anywhere foreign">
                          {place.problem.detail}
                        </span>
                      </span>
                    ) : (
                      <Badge tone="ok">{t.fine}</Badge>
                    )}
                  </Td>
                  <Td align="right">
                    <span className="flex gap-2 md:justify-end">
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.testThis(label)}
                        isLoading={test.isPending && test.variables?.id === place.id}
                        onClick={() => test.mutate(place)}
                      >
                        {t.test}
                      </Button>
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.removeThis(label)}
                        onClick={() => setAsked(place)}
                      >
                        {t.remove}
                      </Button>
                    </span>
                  </Td>
                </Row>
              )
            })}
          </TableBody>
        </Table>
      )}
      {isAdding && <PlaceForm onClose={() => setAdding(false)} />}
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(isOpen) => !isOpen && setAsked(null)}
        title={t.removeTitle}
        description={asked && t.removeText(describePlace(asked.settings))}
        confirmLabel={t.remove}
        isPending={remove.isPending}
        onConfirm={() => asked && remove.mutate(asked)}
      />
    </Card>
  )
}
