import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { UserPlus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { type Role, roles } from '../../contract/permissions.ts'
import type { ListedUser } from '../../contract/users.ts'
import { useUser } from '../account/use-session.ts'
import { ApiError, api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { usersQuery } from './queries.ts'
import { ShownOnce } from '../ui/shown-once.tsx'

/** What is to be done to somebody, once it is confirmed. */
type Asked =
  | { readonly kind: 'role'; readonly user: ListedUser; readonly role: Role }
  /** Somebody from outside: their groups say again what they may do. */
  | { readonly kind: 'follow'; readonly user: ListedUser }
  | { readonly kind: 'password'; readonly user: ListedUser }
  | { readonly kind: 'factors'; readonly user: ListedUser }
  | { readonly kind: 'remove'; readonly user: ListedUser }

/** A password that is shown this once. */
interface Made {
  readonly name: string
  readonly password: string
}

/** Who may sign in, and what they may do. */
export function UserSettings() {
  const t = useMessages('settings').users
  const users = useQuery(usersQuery)
  const [isAdding, setAdding] = useState(false)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [made, setMade] = useState<Made | null>(null)
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
        <Button variant="primary" onClick={() => setAdding(true)}>
          <UserPlus aria-hidden />
          {t.add}
        </Button>
      </div>
      <Card>
        {users.isPending && <SkeletonRows rows={3} />}
        {users.isError && (
          <ErrorPanel error={users.error} onRetry={() => void users.refetch()} className="m-4" />
        )}
        {users.isSuccess && <UserTable users={users.data.items} onAsk={setAsked} />}
      </Card>
      {isAdding && <AddUser onClose={() => setAdding(false)} onMade={setMade} />}
      <ConfirmChange asked={asked} onClose={() => setAsked(null)} onMade={setMade} />
      {made && <MadePassword {...made} onClose={() => setMade(null)} />}
    </div>
  )
}

/** Stands among the roles for the one that the groups give. */
const byGroups = 'groups'
const isFollowing = ({ outside }: ListedUser): boolean => outside !== null && !outside.pinned

interface UserTableProps {
  readonly users: readonly ListedUser[]
  readonly onAsk: (asked: Asked) => void
}

function UserTable({ users, onAsk }: UserTableProps) {
  const t = useMessages('settings').users
  const { roles: titles } = useMessages('settings').tokens
  const me = useUser()
  return (
    <Table label={t.caption} stack="wide">
      <TableHead>
        <Th>{t.name}</Th>
        <Th>{t.role}</Th>
        <Th>{t.lastSeen}</Th>
        <Th>{t.secondFactor}</Th>
        <Th>{t.tokens}</Th>
        <Th>{t.since}</Th>
        <Th>
          <span className="sr-only">{t.actions}</span>
        </Th>
      </TableHead>
      <TableBody>
        {users.map((user) => {
          const { id, name, role, lastSeenAt, hasSecondFactor, tokens, createdAt, outside } = user
          const isMe = id === me?.id
          return (
            <Row key={id}>
              <Td className="font-medium">
                <span className="inline-flex flex-wrap items-center gap-2">
                  <span className="foreign">{name}</span>
                  {isMe && <Badge>{t.you}</Badge>}
                  {outside && (
                    <Badge>
                      <span title={`${outside.issuer} ${outside.subject}`}>{t.vouched[outside.by]}</span>
                    </Badge>
                  )}
                </span>
              </Td>
              <Td label={t.role}>
                {isMe ? (
                  titles[role].title
                ) : (
                  <Select
                    aria-label={t.roleOf(name)}
                    className="my-1.5 min-w-32"
                    value={isFollowing(user) ? byGroups : role}
                    onChange={({ target: { value } }) =>
                      onAsk(
                        value === byGroups
                          ? { kind: 'follow', user }
                          : { kind: 'role', user, role: value as Role },
                      )
                    }
                  >
                    {outside && (
                      <option value={byGroups}>
                        {isFollowing(user) ? t.byGroups(titles[role].title) : t.follow}
                      </option>
                    )}
                    {roles.map((one) => (
                      <option key={one} value={one}>
                        {titles[one].title}
                      </option>
                    ))}
                  </Select>
                )}
              </Td>
              <Td label={t.lastSeen}>{lastSeenAt ? <RelativeTime at={lastSeenAt} /> : t.notSignedIn}</Td>
              <Td label={t.secondFactor}>{hasSecondFactor ? t.yes : t.no}</Td>
              <Td label={t.tokens}>{tokens}</Td>
              <Td label={t.since}>
                <RelativeTime at={createdAt} />
              </Td>
              <Td align="right" className={clsx(isMe && 'stacked:hidden')}>
                {!isMe && (
                  <span className="inline-flex justify-end gap-2 stacked:flex-wrap">
                    {!outside && (
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.resetOf(name)}
                        onClick={() => onAsk({ kind: 'password', user })}
                      >
                        {t.reset}
                      </Button>
                    )}
                    {hasSecondFactor && (
                      <Button
                        size="sm"
                        variant="secondary"
                        aria-label={t.resetFactorsOf(name)}
                        onClick={() => onAsk({ kind: 'factors', user })}
                      >
                        {t.resetFactors}
                      </Button>
                    )}
                    <Button
                      size="sm"
                      variant="secondary"
                      aria-label={t.removeThis(name)}
                      onClick={() => onAsk({ kind: 'remove', user })}
                    >
                      {t.remove}
                    </Button>
                  </span>
                )}
              </Td>
            </Row>
          )
        })}
      </TableBody>
    </Table>
  )
}

interface AddUserProps {
  readonly onClose: () => void
  readonly onMade: (made: Made) => void
}

function AddUser({ onClose, onMade }: AddUserProps) {
  const t = useMessages('settings').users
  const { roles: words } = useMessages('settings').tokens
  const ui = useMessages('ui')
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const add = useMutation({
    mutationFn: () => api.users.create({ body: { name, role } }),
    onSuccess: ({ user, password }) => {
      onClose()
      onMade({ name: user.name, password })
    },
    onSettled: () => queries.invalidateQueries({ queryKey: usersQuery.queryKey }),
  })
  const error = add.error instanceof ApiError ? add.error : null
  const wrongName =
    error?.problem.code === 'user.name_taken'
      ? `${error.problem.title}. ${error.problem.fix}`
      : error?.issues.find(({ path }) => path === 'name')?.message
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!add.isPending) add.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.addTitle}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{ui.cancel}</Button>
          </DialogClose>
          <Button type="submit" form="add-user" variant="primary" isLoading={add.isPending}>
            {t.add}
          </Button>
        </>
      }
    >
      <form id="add-user" onSubmit={submit} className="space-y-5">
        <Field label={t.name} hint={t.nameHint} error={wrongName}>
          <Input
            autoFocus
            required
            maxLength={64}
            autoComplete="off"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </Field>
        <RadioCards
          label={t.role}
          name="role"
          value={role}
          onChange={({ target }) => setRole(target.value as Role)}
          options={roles.map((one) => ({ value: one, ...words[one] }))}
        />
        {add.isError && wrongName === undefined && <ErrorPanel error={add.error} isCompact />}
      </form>
    </Dialog>
  )
}

function MadePassword({ name, password, onClose }: Made & { readonly onClose: () => void }) {
  const t = useMessages('settings').users
  return (
    <ShownOnce title={t.madeTitle(name)} text={t.madeText} done={t.done} onClose={onClose}>
      <CodeBlock code={password} label={t.password} wrap />
    </ShownOnce>
  )
}

interface ConfirmChangeProps {
  readonly asked: Asked | null
  readonly onClose: () => void
  readonly onMade: (made: Made) => void
}

/** Each of them ends what somebody else is just doing, so none happens at one click. */
function ConfirmChange({ asked, onClose, onMade }: ConfirmChangeProps) {
  const t = useMessages('settings').users
  const { roles: titles } = useMessages('settings').tokens
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: async (wanted: Asked): Promise<Made | null> => {
      const { id, name } = wanted.user
      const params = { id }
      switch (wanted.kind) {
        case 'role':
          await api.users.changeRole({ params, body: { role: wanted.role } })
          return null
        case 'follow':
          await api.users.followGroups({ params })
          return null
        case 'password':
          return { name, password: (await api.users.resetPassword({ params })).password }
        case 'factors':
          await api.users.removeFactors({ params })
          return null
        case 'remove':
          await api.users.remove({ params })
          return null
      }
    },
    onSuccess: (made, { kind }) => {
      onClose()
      if (made) onMade(made)
      else {
        const done = { role: t.roleChanged, follow: t.roleChanged, factors: t.factorsReset }
        tellSuccess({ ...done, password: '', remove: t.removed }[kind])
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: usersQuery.queryKey }),
  })
  const name = asked?.user.name ?? ''
  const words = {
    role: {
      title: asked?.kind === 'role' ? t.roleTitle(name, titles[asked.role].title) : '',
      description: asked?.user.outside ? t.pinText : t.roleText,
      label: t.changeRole,
    },
    follow: { title: t.followTitle(name), description: t.followText, label: t.changeRole },
    password: { title: t.resetTitle(name), description: t.resetText, label: t.reset },
    factors: {
      title: t.resetFactorsTitle(name),
      description: t.resetFactorsText,
      label: t.resetFactors,
    },
    remove: { title: t.removeTitle(name), description: t.removeText, label: t.remove },
  }[asked?.kind ?? 'remove']
  return (
    <ConfirmDialog
      open={asked !== null}
      onOpenChange={(open) => {
        if (open) return
        change.reset()
        onClose()
      }}
      title={words.title}
      description={words.description}
      confirmLabel={words.label}
      isPending={change.isPending}
      error={change.error}
      onConfirm={() => asked && change.mutate(asked)}
    />
  )
}
