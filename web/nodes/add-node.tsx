import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ClipboardPaste, FileText, KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { Credential } from '../../contract/credentials.ts'
import type { Node } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { AgentChoice } from './agent-choice.tsx'
import { NodeForm } from './node-form.tsx'
import { PasteBlock } from './paste-block.tsx'
import { onlyReads } from './only-reads.ts'
import { credentialsQuery } from './queries.ts'

type Prepared = Pick<Node, 'username' | 'credentialId' | 'elevation' | 'allowedAgents'>

interface AddNodeProps {
  readonly onAdded: (node: Node) => void
  readonly onCancel?: () => void
}

/** Adds a node: by the form at once, or by preparing the machine first. */
export function AddNode({ onAdded, onCancel }: AddNodeProps) {
  const t = useMessages('nodes')
  const [way, setWay] = useState<'form' | 'paste'>('form')
  const [prepared, setPrepared] = useState<Prepared | null>(null)
  return (
    <Tabs
      label={t.form.ways}
      value={way}
      onChange={setWay}
      tabs={[
        { key: 'form', label: <WayLabel icon={FileText} word={t.form.byForm} /> },
        { key: 'paste', label: <WayLabel icon={ClipboardPaste} word={t.form.byPaste} /> },
      ]}
    >
      <TabPanel tab="form">
        <NodeForm
          key={prepared ? 'prepared' : 'empty'}
          {...(prepared && { initial: prepared })}
          {...(onCancel && { onCancel })}
          onSaved={onAdded}
        />
      </TabPanel>
      <TabPanel tab="paste">
        <Prepare
          onPrepared={(found) => {
            setPrepared(found)
            setWay('form')
          }}
        />
      </TabPanel>
    </Tabs>
  )
}

function WayLabel({ icon: Icon, word }: { readonly icon: typeof FileText; readonly word: string }) {
  return (
    <span className="flex items-center gap-2">
      <Icon aria-hidden className="size-4" />
      {word}
    </span>
  )
}

/** Choose key, user and rights; paste the block; go on with the form. */
function Prepare({ onPrepared }: { readonly onPrepared: (prepared: Prepared) => void }) {
  const t = useMessages('nodes')
  const credentials = useQuery(credentialsQuery)
  const [username, setUsername] = useState('carl')
  const [elevation, setElevation] = useState<Node['elevation']>('commands')
  const [agents, setAgents] = useState<Node['allowedAgents']>([onlyReads])
  const [chosen, setChosen] = useState('')
  if (credentials.isError) {
    return <ErrorPanel error={credentials.error} onRetry={() => void credentials.refetch()} />
  }
  if (credentials.isPending) return <SkeletonRows rows={4} />
  const keys = credentials.data.items.filter(({ publicKey }) => publicKey !== null)
  const credential = keys.find(({ id }) => id === chosen) ?? keys[0]
  if (!credential?.publicKey) return <NoKey onMade={({ id }) => setChosen(id)} />
  return (
    <div className="grid max-w-3xl grid-cols-1 gap-4">
      <Card className="grid gap-4 p-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.form.credential}>
            <Select value={credential.id} onChange={(event) => setChosen(event.target.value)}>
              {keys.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t.paste.username}>
            <Input
              mono
              value={username}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => setUsername(event.target.value.trim())}
            />
          </Field>
        </div>
        <RadioCards
          label={t.form.rights}
          name="elevation"
          value={elevation}
          columns={3}
          options={(['none', 'commands', 'root'] as const).map((value) => ({
            value,
            title: t.form.elevations[value][0],
            text: t.form.elevations[value][1],
          }))}
          onChange={(event) => setElevation(event.target.value as Node['elevation'])}
        />
        <AgentChoice value={agents} onChange={(ids) => setAgents(ids as Node['allowedAgents'])} />
      </Card>
      <Card className="p-4">
        <PasteBlock
          credentialId={credential.id}
          username={username}
          elevation={elevation}
          allowedAgents={agents}
        />
      </Card>
      <Button
        variant="primary"
        className="justify-self-end max-sm:w-full"
        onClick={() =>
          onPrepared({ username, elevation, credentialId: credential.id, allowedAgents: agents })
        }
      >
        {t.paste.goOn}
      </Button>
    </div>
  )
}

function NoKey({ onMade }: { readonly onMade: (credential: Credential) => void }) {
  const t = useMessages('nodes').paste
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () => api.credentials.create({ body: { kind: 'generate', name: 'carl' } }),
    onSuccess: async (credential) => {
      await queries.invalidateQueries({ queryKey: credentialsQuery.queryKey })
      onMade(credential)
    },
  })
  return (
    <Card>
      <EmptyState
        icon={KeyRound}
        title={t.noKey}
        text={t.noKeyText}
        action={
          <Button variant="primary" isLoading={make.isPending} onClick={() => make.mutate()}>
            {t.generate}
          </Button>
        }
      />
      {make.isError && <ErrorPanel error={make.error} isCompact className="m-4" />}
    </Card>
  )
}
