import Civic
import Delivery
import Intake
import Store

extension Daemon {
    /// What became of tickets at other bodies' servers is taken as if those bodies had reported it here.
    static func follower(_ couriers: Couriers, outbox: Outbox, desk: Desk) -> Open311Follower {
        let observe = desk.observe
        return couriers.follower(
            outbox: outbox, work: { desk.current.configuration.work },
            take: { step in
                let configuration = desk.current.configuration
                var step = step
                step.timing = configuration.timing
                step.offices = configuration.officeNotices
                step.choice = desk.current.registrar.choice
                let office = step.by
                // Asked once: what is written for nobody must not be delivered from memory, for others may take it.
                let owner = desk.owner()
                let result = try await desk.tickets.take(step, owner: owner) { category, from in
                    configuration.due(category: category, office: office, from: from)
                }
                if case .done(let owed) = result {
                    observe(.ticketStep(ticket: step.code, kind: step.kind, by: step.by))
                    if owner != nil, !owed.isEmpty { desk.deliver(owed) }
                }
                return result
            },
            told: { office, trouble in
                observe(
                    trouble.map { .followingInterrupted(office: office, reason: $0) }
                        ?? .followingResumed(office: office))
            })
    }
}
