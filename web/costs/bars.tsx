import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { formatMoney } from '../lib/format.ts'

/** One bar. */
export interface Amount {
  readonly key: string
  readonly name: string
  readonly nanoUsd: number
}

interface BarsProps {
  readonly amounts: readonly Amount[]
  /** Bars that lie, with their names beside them. */
  readonly lying?: boolean
}

const axis = { fill: 'var(--muted-foreground)', fontSize: 12 }

/** Amounts as bars. It says nothing that the table beside it does not, so it is hidden from those who listen. */
export function Bars({ amounts, lying = false }: BarsProps) {
  const data = [...amounts]
  const height = lying ? Math.max(56, data.length * 34 + 8) : 200
  return (
    <div aria-hidden className="foreign">
      <ResponsiveContainer width="100%" height={height}>
        <BarChart
          accessibilityLayer={false}
          data={data}
          layout={lying ? 'vertical' : 'horizontal'}
          margin={{ top: 4, right: lying ? 64 : 4, bottom: 0, left: 4 }}
        >
          {lying ? (
            <>
              <XAxis type="number" hide />
              <YAxis
                type="category"
                dataKey="name"
                width={132}
                tick={axis}
                tickLine={false}
                axisLine={false}
                interval={0}
                tickFormatter={(name: string) => (name.length > 18 ? `${name.slice(0, 17)}…` : name)}
              />
            </>
          ) : (
            <>
              <CartesianGrid vertical={false} stroke="var(--border)" />
              <XAxis dataKey="name" tick={axis} tickLine={false} axisLine={false} minTickGap={32} />
              <YAxis
                width={72}
                tick={axis}
                tickLine={false}
                axisLine={false}
                tickCount={4}
                tickFormatter={formatMoney}
              />
            </>
          )}
          <Tooltip
            cursor={{ fill: 'var(--muted)' }}
            isAnimationActive={false}
            content={({ active, payload }) => {
              const one = payload?.[0]?.payload as Amount | undefined
              if (!active || !one) return null
              return (
                <div className="rounded-md border border-border bg-card px-2.5 py-1.5 text-sm shadow-overlay">
                  <span className="text-muted-foreground">{one.name}</span>{' '}
                  <span className="font-medium tabular-nums">{formatMoney(one.nanoUsd)}</span>
                </div>
              )
            }}
          />
          <Bar
            dataKey="nanoUsd"
            fill="var(--chart-1)"
            radius={3}
            maxBarSize={lying ? 18 : 40}
            isAnimationActive={false}
            label={
              lying
                ? {
                    position: 'right',
                    formatter: (value: unknown) => formatMoney(Number(value)),
                    fill: 'var(--foreground)',
                    fontSize: 12,
                  }
                : false
            }
          />
        </BarChart>
      </ResponsiveContainer>
    </div>
  )
}
