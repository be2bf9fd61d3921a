import { join } from 'node:path'
import { api } from '../contract/api.ts'
import { createAccess } from './access/access.ts'
import { createAccessRoutes } from './access/routes.ts'
import type { AgentReader } from './agents/agent-reader.ts'
import { createCatalogue } from './agents/catalogue.ts'
import { builtInAgents } from './agents/built-in.ts'
import { createAgentRoutes } from './agents/routes.ts'
import { createAi } from './ai/ai.ts'
import { createExplain } from './ai/explain/explain.ts'
import { createExplanationRoutes } from './ai/explain/routes.ts'
import { createAiRoutes } from './ai/routes.ts'
import { createApprovals } from './approvals/approvals.ts'
import { createInbox } from './approvals/inbox.ts'
import { createPolicies } from './approvals/policies.ts'
import { createApprovalRoutes } from './approvals/routes.ts'
import { createTrash } from './approvals/trash.ts'
import { createAudit } from './audit/audit.ts'
import { createCheckpoints } from './audit/checkpoints.ts'
import { createAuditRoutes } from './audit/routes.ts'
import { createAuth } from './auth/auth.ts'
import { localActor } from './auth/person.ts'
import { createAuthRoutes } from './auth/routes.ts'
import { createSingleSignOnRoutes } from './auth/single-sign-on/routes.ts'
import { createSingleSignOn } from './auth/single-sign-on/single-sign-on.ts'
import { createBackups } from './backups/backups.ts'
import { applyRestore } from './backups/restore.ts'
import { createRestoreDesk } from './backups/restore-desk.ts'
import { createBackupRoutes } from './backups/routes.ts'
import type { Config } from './config.ts'
import { createConfiguration } from './configuration/configuration.ts'
import { createKinds } from './configuration/kinds.ts'
import { createConfigurationRoutes } from './configuration/routes.ts'
import { createCosts } from './costs/costs.ts'
import { createCostRoutes } from './costs/routes.ts'
import { createDiskGuard } from './db/disk-guard.ts'
import { migrations } from './db/migrations/index.ts'
import { type OpenDatabase, type OpenOptions, openDatabase } from './db/open.ts'
import { createConclusion } from './executions/conclude.ts'
import { createExecutions } from './executions/executions.ts'
import { createLogs } from './executions/log.ts'
import { createQueue } from './executions/queue.ts'
import { createReadLog } from './executions/read-log.ts'
import { createRecords } from './executions/records.ts'
import { createRecovery } from './executions/recover.ts'
import { createExecutionRoutes } from './executions/routes.ts'
import { createRunner } from './executions/runner.ts'
import { createSearch } from './executions/search.ts'
import { createExecutionStore } from './executions/store.ts'
import { createGlance } from './glance/glance.ts'
import { createMetricsToken } from './glance/metrics-token.ts'
import { createGlanceRoutes } from './glance/routes.ts'
import { writeFirstLines } from './house/first-lines.ts'
import { createHousekeeping } from './house/housekeeping.ts'
import { listen } from './house/listeners.ts'
import { leaveRunFiles, removeRunFiles } from './house/run-files.ts'
import { createUpgradeWatch } from './house/upgrade-watch.ts'
import { createHttp } from './http.ts'
import { findDashboard } from './http/dashboard.ts'
import { createSystemRoutes } from './http/system-routes.ts'
import { type Actor, mayDo } from './lib/actor.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { createEvents } from './lib/events.ts'
import { createIds } from './lib/id.ts'
import { createLogger, type Logger } from './lib/logger.ts'
import { once } from './lib/once.ts'
import { createLive } from './live.ts'
import { createTicketOffice } from './live/tickets.ts'
import { topicPermission } from './live/topic-permission.ts'
import { createNodes } from './nodes/nodes.ts'
import { createOccupancy } from './nodes/occupancy.ts'
import { createKeyRoutes } from './nodes/rotation/routes.ts'
import { createRotations } from './nodes/rotations.ts'
import { createNodeRoutes } from './nodes/routes.ts'
import { createNodeStore } from './nodes/store.ts'
import { createTargets } from './nodes/target.ts'
import { createNotices } from './notices/notices.ts'
import { createNotifications } from './notifications/notifications.ts'
import { createNotificationRoutes } from './notifications/routes.ts'
import { createOccasions } from './occasions/occasions.ts'
import { brokerPorts, mailPorts, sftpPorts } from './outgoing/judge.ts'
import { createOutgoing } from './outgoing/outgoing.ts'
import { createOutgoingRoutes } from './outgoing/routes.ts'
import { createPlans } from './plans/plans.ts'
import { createRejectionStore } from './plans/rejections.ts'
import { createPlanStore } from './plans/store.ts'
import { createReports } from './reports/reports.ts'
import { createReportRoutes } from './reports/routes.ts'
import { createRegistries } from './registries/registries.ts'
import { createRepositories } from './repositories/repositories.ts'
import { createRepositoryRoutes } from './repositories/routes.ts'
import { createSampleRoutes } from './samples/routes.ts'
import { createSamples } from './samples/samples.ts'
import { createScheduleRoutes } from './schedules/routes.ts'
import { createSchedules } from './schedules/schedules.ts'
import { createSearchRoutes } from './search/routes.ts'
import { createWordSearch } from './search/search.ts'
import { createSettings } from './settings/settings.ts'
import { createSettingsRoutes } from './settings/routes.ts'
import { dialBuiltin } from './ssh/builtin.ts'
import { createDoctor } from './ssh/doctor.ts'
import { dialOpenSsh } from './ssh/openssh.ts'
import { sweepOpenSshFolders } from './ssh/openssh-folder.ts'
import { createPool } from './ssh/pool.ts'
import { createFirstSteps } from './steps/first-steps.ts'
import { createFirstStepRoutes } from './steps/routes.ts'
import { createStoryRoutes } from './story/routes.ts'
import { createStory } from './story/story.ts'
import { createTriggerRoutes } from './triggers/routes.ts'
import { createTriggers } from './triggers/triggers.ts'
import { createCredentials } from './vault/credentials.ts'
import { createNodeKeys } from './vault/node-keys.ts'
import { loadAuditKeys } from './vault/audit-keys.ts'
import { createKeyFolder } from './vault/keys/folder.ts'
import { describeKeyPlace } from './vault/keys/place.ts'
import { createRecoveryKit } from './vault/keys/recovery-kit.ts'
import { createRotation } from './vault/keys/rotation.ts'
import { createMasterKeyRoutes } from './vault/keys/routes.ts'
import { type KeySources, loadKeys, tidyKeyFolder } from './vault/keys/sources.ts'
import { createKeyStore } from './vault/keys/store.ts'
import type { MasterKey } from './vault/master-key.ts'
import { createCredentialRoutes } from './vault/routes.ts'
import { createVault } from './vault/vault.ts'
import { version } from './version.ts'

/** What a test may put in place of the real thing. */
export interface HouseOverrides {
  readonly clock?: Clock
  readonly logger?: Logger
  /** What other houses of this process have read of agents need not be read again. */
  readonly agentReader?: AgentReader
  /** Stands between the server and its database, to break it at a chosen moment. */
  readonly database?: (db: OpenDatabase) => OpenDatabase
  /** Hears of each step that is made with a key file. */
  readonly onKeyStep?: (step: string) => void
  /** Hears of each step of a restore, and of an upgrade of the database. */
  readonly onRestoreStep?: (step: string) => void
  readonly onUpgradeStep?: (step: string) => void
  /** Other migrations than the product's own. */
  readonly migrations?: OpenOptions['migrations']
}

/** What a passphrase opened, and who gave it. */
export interface Unsealed {
  readonly keys: readonly MasterKey[]
  readonly by: Actor
  /** Passphrases that were wrong before. */
  readonly refused: number
}

/** Where the server can be reached, and how the first administrator is made; null once there is one. */
export interface Opened {
  readonly url: string
  readonly setupLink: string | null
}

/**
 * Builds every part of the server once, in the order of the floors, and wires what happens to who cares. Nothing runs
 * before `start`. Throws `storage.*`, `vault.*` and `agent.manifest_invalid`; `vault.sealed` when a passphrase is needed.
 */
export async function createHouse(config: Config, overrides: HouseOverrides = {}, unsealed?: Unsealed) {
  const clock = overrides.clock ?? systemClock
  const logger = overrides.logger ?? createLogger(config.logLevel)
  const events = createEvents(logger)
  const newId = createIds(clock)
  const { dataFolder: folder } = config

  const diskGuard = createDiskGuard({ folder, clock, logger })

  const opened = await openDatabase({
    folder,
    clock,
    logger,
    allowNetworkStorage: config.allowNetworkStorage,
    appVersion: version,
    onFull: diskGuard.release,
    onLocked: async () => applyRestore(folder, overrides.onRestoreStep) !== null,
    ...(overrides.onUpgradeStep && { onUpgradeStep: overrides.onUpgradeStep }),
    // On a port that is only chosen at the start nobody would find it.
    ...(config.port !== 0 && { onUpgrade: createUpgradeWatch(config, logger) }),
    ...(overrides.migrations && { migrations: overrides.migrations }),
  })
  const db = overrides.database?.(opened) ?? opened
  try {
    return await furnish()
  } catch (error) {
    await db.close()
    throw error
  }

  async function furnish() {
    const keyStore = createKeyStore(db)
    const sources = keySourcesOf(config)
    const keyState = await keyStore.state()
    const masterKeys = await loadKeys(sources, keyState, unsealed?.keys)
    const vault = createVault({ masterKey: masterKeys.current, nextKey: masterKeys.next, db })
    await vault.check()
    const keyFolder = createKeyFolder(folder, overrides.onKeyStep)
    await tidyKeyFolder(keyFolder, masterKeys, keyState)
    const auditKeys = await loadAuditKeys({ db, vault })
    const audit = createAudit({ db, clock, keys: auditKeys })
    await writeFirstLines({ db, audit, dataFolder: folder, unsealed: unsealed ?? null })
    const masterKeyRotation = createRotation({
      db,
      store: keyStore,
      vault,
      sources,
      folder: keyFolder,
      audit,
      clock,
      logger,
    })
    const place = () => describeKeyPlace(sources, vault.key().source)
    const kits = createRecoveryKit({ db, store: keyStore, vault, place, audit, clock })
    const checkpoints = createCheckpoints({ audit, keys: auditKeys, file: config.auditCheckpointFile, clock })

    const notices = createNotices({ clock, newId, events })
    const occasions = createOccasions({ clock, newId, events })
    const settings = await createSettings({ db, audit, events, clock, logger })
    const outgoing = createOutgoing({ db, settings, audit, clock, logger })
    const auth = createAuth({ db, audit, events, settings, vault, clock, newId, logger })
    const singleSignOn = createSingleSignOn({
      db,
      auth,
      vault,
      audit,
      events,
      clock,
      logger,
      fetch: outgoing.open('sign-in'),
      publicUrl: config.publicUrl,
      basePath: config.basePath,
      trustsProxy: config.proxyHeaders !== null,
    })
    const credentials = createCredentials({ db, vault, audit, events, clock, newId })
    const keys = createNodeKeys({ db, vault, credentials, clock, newId })

    const costs = await createCosts({
      db,
      audit,
      notices,
      occasions,
      events,
      clock,
      logger,
      chosen: () => ai.chosen(),
    })
    const ai = await createAi({
      db,
      vault,
      audit,
      events,
      ledger: costs.ledger,
      clock,
      newId,
      logger,
      openWay: (hosts) =>
        outgoing.open('model', {
          maxBytes: 4 * 1_048_576,
          // `ask` keeps the time: a minute for Claude, more for a model at home.
          timeoutMs: 6 * 60_000,
          hosts,
        }),
      claudeProgram: config.claudeProgram,
      env: process.env,
      standIn: config.modelStandIn,
    })

    const pool = createPool({
      dials: { builtin: dialBuiltin, openssh: dialOpenSsh },
      allowedNetworks: () => settings.get().allowedNetworks,
      clock,
      logger,
    })
    const doctor = createDoctor({ inspect: pool.inspect, clock })

    const reports = createReports({ db, clock, events, audit, notices })
    const reportOf = reports.get
    const explain = createExplain({
      db,
      ai,
      ledger: costs.ledger,
      audit,
      reportOf,
      clock,
      newId,
      logger,
      onSaved: costs.ledger.noteSaving,
    })
    const nodeStore = createNodeStore(db)
    const targets = createTargets({
      db,
      store: nodeStore,
      keys,
      settings,
      audit,
      events,
      clock,
      logger,
    })
    const { findingCounts } = reports
    const nodes = createNodes({
      db,
      store: nodeStore,
      targets,
      credentials,
      keys,
      pool,
      doctor,
      audit,
      occasions,
      events,
      clock,
      newId,
      findingCounts,
    })
    const occupancy = createOccupancy()
    const rotations = createRotations({
      db,
      nodes: nodeStore,
      targets,
      keys,
      occupancy,
      pool,
      settings,
      audit,
      events,
      clock,
      logger,
    })
    const catalogue = createCatalogue({
      builtInFolder: builtInAgents(),
      installedFolders: [config.ownAgentsFolder, ...(config.agentsFolder ? [config.agentsFolder] : [])],
      logger,
      ...(overrides.agentReader && { reader: overrides.agentReader }),
    })

    const repositories = createRepositories({ db, vault, audit, clock, newId })
    const registries = createRegistries({
      db,
      settings,
      fetch: outgoing.open('registry', {
        // A page of a thousand tags; names of tags may be long.
        maxBytes: 1_048_576,
        redirects: 3,
        // Their addresses come from nodes, and a node may be in strange hands.
        isHomeNamed: true,
      }),
      clock,
    })
    const logs = createLogs({ folder: join(folder, 'logs'), clock, logger, events })
    const store = createExecutionStore(db)
    const planParts = { store: createPlanStore(db), rejections: createRejectionStore(db) }
    const plans = createPlans({ ...planParts, audit, events, clock, newId })
    const records = createRecords({ db, store, nodes, pool, clock, logger })
    const { enter, conclude } = createConclusion({
      db,
      store,
      reports,
      plans,
      records,
      repositories,
      registries,
      audit,
      notices,
      occasions,
      events,
      clock,
      logger,
    })
    const search = createSearch({ nodes, pool, clock, logger })
    const runner = createRunner({
      db,
      store,
      logs,
      catalogue,
      nodes,
      pool,
      search,
      reports,
      plans,
      repositories,
      audit,
      clock,
      logger,
      conclude,
      enter,
    })
    const limits = settings.get
    const queue = createQueue({ db, store, occupancy, clock, logger, limits, perform: runner.perform })
    const { checkRoom } = diskGuard
    const executions = createExecutions({
      db,
      store,
      catalogue,
      nodes,
      plans,
      queue,
      audit,
      occasions,
      events,
      clock,
      newId,
      checkRoom,
    })
    const approvalTools = {
      db,
      plans,
      executions,
      nodes,
      catalogue,
      settings,
      audit,
      events,
      clock,
      newId,
    }
    const inbox = createInbox({ ...approvalTools, reports })
    const approvals = createApprovals({ ...approvalTools, inbox })
    const trash = createTrash(approvalTools)
    const policies = createPolicies({
      db,
      inbox,
      approvals,
      nodes,
      settings,
      audit,
      notices,
      clock,
      newId,
      logger,
    })
    const triggers = createTriggers({
      db,
      vault,
      catalogue,
      nodes,
      executions,
      occasions,
      notices,
      audit,
      events,
      clock,
      newId,
      logger,
    })
    const schedules = createSchedules({
      db,
      vault,
      catalogue,
      nodes,
      executions,
      triggers,
      audit,
      notices,
      events,
      clock,
      newId,
      logger,
      estimate: (agentId) => costs.estimate({ agentId }),
      limits: async () => {
        const { items } = await costs.limits.list()
        const of = (limit: 'day' | 'month') => items.find((one) => one.limit === limit)?.limitNanoUsd ?? null
        return { dayNanoUsd: of('day'), monthNanoUsd: of('month') }
      },
      defaultZone: async () => (await costs.limits.list()).zone,
    })
    const recovery = createRecovery({ db, store, queue, records, clock, logger })
    const metricsToken = await createMetricsToken({ db, audit, clock })
    const glance = createGlance({
      db,
      costs,
      reports,
      pendingApprovals: async () => (await inbox.count()).plans,
      isScraped: metricsToken.isOn,
      clock,
      version,
    })
    const notifications = await createNotifications({
      db,
      vault,
      audit,
      notices,
      openWays: ({ http: hosts, mail, mqtt }) => ({
        fetch: outgoing.open('notification', hosts ? { hosts } : {}),
        mail: outgoing.openSockets('mail', { isUsualPort: mailPorts, hosts: mail }),
        broker: outgoing.openSockets('mqtt', { isUsualPort: brokerPorts, hosts: mqtt }),
      }),
      nodes: nodes.forSelection,
      morning: glance.morning,
      states: glance.states,
      wishes: schedules.wishes,
      publicUrl: config.publicUrl,
      clock,
      newId,
      logger,
    })
    const backups = createBackups({
      db: opened,
      vault,
      audit,
      notices,
      ways: {
        fetch: outgoing.open('backup', {
          maxBytes: 9 * 1_048_576,
          timeoutMs: 5 * 60_000,
          hosts: () => backups.hosts('s3'),
        }),
        sftp: outgoing.openSockets('backup-sftp', {
          isUsualPort: sftpPorts,
          timeoutMs: 6 * 3_600_000,
          hosts: () => backups.hosts('sftp'),
        }),
      },
      clock,
      newId,
      logger,
      dataFolder: folder,
      appVersion: version,
      instanceId: kits.instanceId,
    })
    const configuration = createConfiguration({
      db,
      kinds: createKinds({
        settings,
        costs,
        credentials,
        nodes,
        ai,
        policies,
        notifications,
        backups,
        repositories,
        schedules,
        triggers,
        auth,
      }),
      audit,
      clock,
    })
    const restoreDesk = createRestoreDesk({
      checkToken: (token, from) => auth.checkSetupToken(token, { ...from, replaces: null }),
      isClaimed: auth.isClaimed,
      dataFolder: folder,
      hasOwnKeySource: config.masterKeyFile !== null || config.masterKeyCommand !== null,
      known: Object.keys(migrations),
      appVersion: version,
      clock,
      logger,
    })
    const housekeeping = createHousekeeping({
      db,
      logs,
      audit,
      checkpoints,
      auth,
      rotations,
      ai,
      notifications,
      settings,
      clock,
      logger,
    })

    const readLog = createReadLog({ store, logs })
    const tickets = createTicketOffice({ clock, events })
    const live = createLive({
      events,
      takeTicket: tickets.take,
      readLog,
      mayRead: (actor, topic) => mayDo(actor, topicPermission(topic)),
      clock,
      logger,
    })
    // Seldom looked at, and the dearest thing to make of all that a start makes.
    const document = once(async () =>
      (await import('./http/openapi.ts')).createOpenApi({ api, basePath: config.basePath, version }),
    )
    let isReady = false
    const http = createHttp({
      config,
      api,
      handlers: {
        ...createSystemRoutes({ version, document, createTicket: tickets.create }),
        ...createAuthRoutes(auth, config.proxySignOutUrl),
        ...createSingleSignOnRoutes(singleSignOn),
        ...createCredentialRoutes(credentials),
        ...createMasterKeyRoutes({ vault, store: keyStore, sources, rotation: masterKeyRotation, kits }),
        ...createNodeRoutes(nodes),
        ...createKeyRoutes(rotations),
        ...createAccessRoutes(createAccess({ nodes, credentials, keys, catalogue })),
        ...createAgentRoutes({ catalogue, db, audit }),
        ...createExecutionRoutes({ executions, logs, readLog, reports }),
        ...createApprovalRoutes({ inbox, approvals, trash, policies }),
        ...createTriggerRoutes(triggers),
        ...createScheduleRoutes(schedules),
        ...createReportRoutes(reports),
        ...createStoryRoutes(createStory({ db })),
        ...createSearchRoutes(createWordSearch({ db, readLog, clock })),
        ...createRepositoryRoutes(repositories),
        ...createBackupRoutes(backups, restoreDesk),
        ...createAiRoutes(ai, nodes.get),
        ...createExplanationRoutes(explain),
        ...createCostRoutes(costs),
        ...createSettingsRoutes(settings),
        ...createConfigurationRoutes(configuration),
        ...createAuditRoutes({ audit, checkpoints }),
        ...createNotificationRoutes(notifications),
        ...createGlanceRoutes(glance, metricsToken),
        ...createOutgoingRoutes(outgoing),
        ...createSampleRoutes(createSamples({ db, logs, audit, events, clock })),
        ...createFirstStepRoutes(
          createFirstSteps({ db, audit, hasKit: async () => (await kits.state()) !== null }),
        ),
      },
      document,
      identify: singleSignOn.identify,
      isReady: () => isReady,
      dashboard: findDashboard(),
      metrics: {
        isOn: metricsToken.isOn,
        isToken: metricsToken.isIt,
        scrape: glance.scrape,
      },
      live,
      clock,
      logger,
    })

    listen(events, {
      nodes,
      queue,
      rotations,
      policies,
      explain,
      glance,
      notifications,
      triggers,
      schedules,
    })
    occupancy.onOpen(queue.wake)

    let url = ''
    const linkTo = (page: string, token: string) => `${config.publicUrl ?? url}/${page}#token=${token}`

    /** Serves, and takes up what the last process left open. Throws `config.port_taken` and `auth.password_too_weak`. */
    async function start(): Promise<Opened> {
      await auth.ensureAdmin(config.adminPassword)
      url = (await http.listen()).url
      leaveRunFiles(folder, url, auth.openLocalDoor())
      diskGuard.start()
      await sweepOpenSshFolders()
      await costs.ledger.recover()
      await recovery.recover()
      queue.start()
      await triggers.start()
      await schedules.start()
      await rotations.start()
      housekeeping.start()
      await masterKeyRotation.resume()
      await ai.start()
      await explain.start()
      await notifications.start()
      await backups.open()
      isReady = true
      logger.info({ url, version, masterKey: vault.key().source }, 'server is ready')
      const setupToken = await auth.setupToken()
      return { url, setupLink: setupToken && linkTo('setup', setupToken.reveal()) }
    }

    /** Takes nothing new, lets go of what runs (it goes on at the nodes), and closes everything. */
    async function stop(): Promise<void> {
      isReady = false
      removeRunFiles(folder)
      records.leave()
      const parts = [
        http.close(),
        triggers.stop(),
        schedules.stop(),
        queue.stop(),
        rotations.stop(),
        housekeeping.stop(),
        masterKeyRotation.stop(),
        explain.stop().then(ai.stop),
        notifications.stop(),
        backups.stop(),
      ]
      await Promise.all(parts)
      await pool.close()
      await records.settled()
      await logs.close()
      await diskGuard.stop()
      restoreDesk.close()
      await db.close()
    }

    /** A link that signs in an administrator once, for whoever sits at this machine. */
    async function signInLink(userName: string): Promise<string> {
      const token = await auth.signIn.createLink({ userName })
      return linkTo('welcome', token.reveal())
    }

    return {
      start,
      stop,
      signInLink,
      logger,
      localActor,
      audit,
      checkpoints,
      auth,
      settings,
      outgoing,
      ai,
      costs,
      notices,
      notifications,
      http,
      events,
      housekeeping,
      rotations,
      credentials,
      triggers,
      schedules,
      masterKeyRotation,
      backups,
      configuration,
      /** Resolves when a backup was restored by the set-up pages: stop this house and build another one. */
      restoreConfirmed: restoreDesk.confirmed,
      /** What was done to the database at this start; null for nothing. */
      upgrade: opened.upgrade,
    }
  }
}
export type House = Awaited<ReturnType<typeof createHouse>>

/** Where the master key comes from, by this configuration. */
export const keySourcesOf = (config: Config): KeySources => ({
  file: config.masterKeyFile,
  command: config.masterKeyCommand,
  dataFolder: config.dataFolder,
  startsSealed: config.masterKeyPassphrase,
})
