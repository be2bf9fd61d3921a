import type { Meta, StoryObj } from '@storybook/react-vite'
import { hostile } from '../fixtures.ts'
import { Button } from './button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from './card.tsx'

const meta = { title: 'ui/Card', component: Card } satisfies Meta<typeof Card>
export default meta
type Story = StoryObj<typeof meta>

export const WithActions: Story = {
  render: () => (
    <Card className="max-w-md">
      <CardHeader
        actions={
          <Button size="sm" variant="ghost">
            All executions
          </Button>
        }
      >
        <CardTitle>Recent executions</CardTitle>
      </CardHeader>
      <CardContent className="text-muted-foreground">What ran lately, newest first.</CardContent>
    </Card>
  ),
}

export const LongTitle: Story = {
  render: () => (
    <Card className="max-w-xs">
      <CardHeader>
        <CardTitle>{hostile.long}</CardTitle>
      </CardHeader>
      <CardContent className="foreign">{hostile.html}</CardContent>
    </Card>
  ),
}
