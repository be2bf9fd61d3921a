import type { Meta, StoryObj } from '@storybook/react-vite'
import { fn } from 'storybook/test'
import { Card } from './card.tsx'
import { LoadMore, Pagination } from './pagination.tsx'

const meta = { title: 'ui/Pagination', component: Pagination } satisfies Meta<typeof Pagination>
export default meta
type Story = StoryObj<typeof meta>

export const All: Story = {
  render: () => (
    <div className="space-y-4">
      <Card className="pt-8">
        <Pagination onOlder={fn()} />
      </Card>
      <Card className="pt-8">
        <Pagination onNewer={fn()} onOlder={fn()} />
      </Card>
      <Card className="pt-8">
        <LoadMore hasMore isLoading={false} onLoadMore={fn()} />
      </Card>
      <Card className="pt-8">
        <LoadMore hasMore isLoading onLoadMore={fn()} />
      </Card>
      <Card className="pt-8">
        <LoadMore hasMore={false} isLoading={false} onLoadMore={fn()} />
      </Card>
    </div>
  ),
}
