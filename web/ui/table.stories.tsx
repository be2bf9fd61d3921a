import type { Meta, StoryObj } from '@storybook/react-vite'
import { Ellipsis } from 'lucide-react'
import { nodes } from '../fixtures.ts'
import { IconButton } from './button.tsx'
import { Card } from './card.tsx'
import { Checkbox } from './checkbox.tsx'
import { RelativeTime } from './relative-time.tsx'
import { HealthBadge } from './status-badge.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from './table.tsx'

function Example({ stack = false, width = '' }: { readonly stack?: boolean; readonly width?: string }) {
  return (
    <Card className={width}>
      <Table label="Nodes" stack={stack}>
        <TableHead>
          <Th>
            <Checkbox label="All nodes" hideLabel isMixed />
          </Th>
          <Th>Name</Th>
          <Th>Health</Th>
          <Th>Address</Th>
          <Th align="right">Last seen</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </TableHead>
        <TableBody>
          {nodes.map(({ id, name, health, host, lastSeenAt }, index) => (
            <Row key={id} isSelected={index === 1}>
              <Td className={stack ? 'max-md:hidden!' : ''}>
                <Checkbox label={`Select ${name}`} hideLabel defaultChecked={index === 1} />
              </Td>
              <Td className="max-w-56 font-medium">
                <span className="block truncate foreign">{name}</span>
              </Td>
              <Td label="Health">
                <HealthBadge health={health} />
              </Td>
              <Td label="Address">
                <code className="text-sm">{host}</code>
              </Td>
              <Td label="Last seen" align="right">
                {lastSeenAt ? <RelativeTime at={lastSeenAt} plain /> : '–'}
              </Td>
              <Td align="right" className={stack ? 'max-md:hidden!' : ''}>
                <IconButton size="sm" label={`Actions for ${name}`} icon={Ellipsis} />
              </Td>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  )
}

const meta = { title: 'ui/Table', component: Example } satisfies Meta<typeof Example>
export default meta
type Story = StoryObj<typeof meta>

export const Wide: Story = { globals: { theme: 'light' } }
export const WideInTheDark: Story = { globals: { theme: 'dark' } }
export const Compact: Story = { globals: { theme: 'light', density: 'compact' } }

/** Scrolls sideways, by keyboard too. */
export const Scrolls: Story = { args: { width: 'w-80 overflow-x-auto' } }

/** Cards on a phone. */
export const Stacked: Story = { args: { stack: true } }
