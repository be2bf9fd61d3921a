import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { type Role, roles } from '../../../contract/permissions.ts'
import type { AccessRules } from '../../../contract/single-sign-on.ts'
import { useCan } from '../../account/use-session.ts'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { Select } from '../../ui/select.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'

interface Row {
  /** Stays with the row while others go. */
  readonly key: number
  readonly group: string
  readonly role: Role
}

/** The value of a select for nothing. */
const nobody = ''

/** Which groups may do what. */
export function RulesForm({
  rules,
  trustsProxy,
}: {
  readonly rules: AccessRules
  readonly trustsProxy: boolean
}) {
  const t = useMessages('signIn').rules
  const { roles: titles } = useMessages('settings').tokens
  const queries = useQueryClient()
  const mayChange = useCan('provider.write')
  const [rows, setRows] = useState<readonly Row[]>(() =>
    rules.groupRoles.map((row, key) => ({ key, ...row })),
  )
  const [otherwise, setOtherwise] = useState(rules.otherwise)
  const [hidesPassword, setHidesPassword] = useState(rules.hidesPassword)
  const save = useMutation({
    mutationFn: () =>
      api.provider.changeRules({
        body: {
          // An empty row is one that somebody left.
          groupRoles: rows.filter(({ group }) => group.trim()).map(({ group, role }) => ({ group, role })),
          otherwise,
          hidesPassword,
        },
      }),
    onSuccess: async () => {
      tellSuccess(t.saved)
      await queries.invalidateQueries({ queryKey: ['provider', 'get'] })
    },
  })
  const change = (key: number, part: Partial<Row>) =>
    setRows((before) => before.map((row) => (row.key === key ? { ...row, ...part } : row)))
  const add = () =>
    setRows((before) => [
      ...before,
      { key: 1 + Math.max(-1, ...before.map(({ key }) => key)), group: '', role: 'viewer' },
    ])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">
          {t.text} {trustsProxy && t.proxy}
        </p>
      </CardHeader>
      <CardContent className="pt-2">
        <form noValidate onSubmit={submit} className="space-y-5">
          {rows.length === 0 && otherwise === null && <p className="text-muted-foreground">{t.empty}</p>}
          {rows.length > 0 && (
            <ul className="max-w-2xl space-y-2">
              {rows.map(({ key, group, role }, at) => (
                <li key={key} className="flex items-start gap-2">
                  <Input
                    mono
                    aria-label={t.groupOf(at + 1)}
                    placeholder={t.group}
                    spellCheck={false}
                    autoCapitalize="none"
                    maxLength={200}
                    readOnly={!mayChange}
                    value={group}
                    onChange={({ target }) => change(key, { group: target.value })}
                    className="flex-1"
                  />
                  <Select
                    aria-label={t.roleOf(at + 1)}
                    disabled={!mayChange}
                    value={role}
                    onChange={({ target }) => change(key, { role: target.value as Role })}
                  >
                    {roles.map((one) => (
                      <option key={one} value={one}>
                        {titles[one].title}
                      </option>
                    ))}
                  </Select>
                  {mayChange && (
                    <IconButton
                      icon={Trash2}
                      label={t.removeRow(at + 1)}
                      onClick={() => setRows((before) => before.filter((row) => row.key !== key))}
                    />
                  )}
                </li>
              ))}
            </ul>
          )}
          {mayChange && (
            <Button variant="secondary" size="sm" onClick={add}>
              <Plus aria-hidden />
              {t.add}
            </Button>
          )}
          <Field label={t.otherwise} hint={t.otherwiseHint} className="max-w-sm">
            <Select
              disabled={!mayChange}
              value={otherwise ?? nobody}
              onChange={({ target: { value } }) =>
                setOtherwise(value === 'viewer' || value === 'operator' ? value : null)
              }
            >
              <option value={nobody}>{t.noAccess}</option>
              <option value="viewer">{titles.viewer.title}</option>
              <option value="operator">{titles.operator.title}</option>
            </Select>
          </Field>
          <Checkbox
            label={t.hidesPassword}
            hint={t.hidesPasswordHint}
            disabled={!mayChange}
            checked={hidesPassword}
            onChange={({ target }) => setHidesPassword(target.checked)}
          />
          {save.isError && <ErrorPanel error={save.error} isCompact />}
          {mayChange && (
            <div className="flex justify-end">
              <Button type="submit" variant="primary" isLoading={save.isPending}>
                {t.save}
              </Button>
            </div>
          )}
        </form>
      </CardContent>
    </Card>
  )
}
