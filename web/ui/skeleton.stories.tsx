import type { Meta, StoryObj } from '@storybook/react-vite'
import { Card } from './card.tsx'
import { Loading, Skeleton, SkeletonRows } from './skeleton.tsx'

const meta = { title: 'ui/Skeleton', component: Skeleton } satisfies Meta<typeof Skeleton>
export default meta
type Story = StoryObj<typeof meta>

export const Lines: Story = {
  render: () => (
    <Loading className="max-w-xs space-y-2">
      <Skeleton className="h-6 w-40" />
      <Skeleton />
      <Skeleton className="h-4 w-3/4" />
    </Loading>
  ),
}

export const Rows: Story = {
  render: () => (
    <Card>
      <SkeletonRows rows={6} />
    </Card>
  ),
}
