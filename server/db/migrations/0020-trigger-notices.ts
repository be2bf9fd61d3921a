import { type Kysely, sql } from 'kysely'

/** Whoever is told of schedules that did not run hears of triggers that were refused as well. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ value: string }>`
    select value from notification_setup where name = 'rules'`.execute(db)
  for (const { value } of rows) {
    await sql`update notification_setup set value = ${withRefusals(value)} where name = 'rules'`.execute(db)
  }
}

function withRefusals(text: string): string {
  const rules = JSON.parse(text) as { routes?: { kinds: string[] }[] }
  for (const route of rules.routes ?? []) {
    if (route.kinds.includes('schedule.overdue')) route.kinds.push('trigger.refused')
  }
  return JSON.stringify(rules)
}
