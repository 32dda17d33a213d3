import Civic
import Postgres

extension Outbox {
    /// Some of the notifications, as an operator names them: those that meet all that is said.
    public struct Selection: Sendable {
        public static let open: Set<String> = ["waiting", "sending"]
        public static let givenUp: Set<String> = ["refused", "expired", "uncertain"]
        public static let retryable = givenUp.union(["waiting", "cancelled"])
        public static let statuses = open.union(givenUp).union(["delivered", "cancelled"])

        public var id: Identifier?
        public var line: String?
        /// As `Entry.destination`.
        public var destination: String?
        /// A ticket's code.
        public var ticket: String?
        public var statuses: Set<String>
        /// Owed before this moment.
        public var before: Timestamp?

        public init(statuses: Set<String> = Selection.open.union(Selection.givenUp)) { self.statuses = statuses }

        /// Of these, only those of certain statuses.
        func among(_ statuses: Set<String>) -> Selection {
            var selection = self
            selection.statuses.formIntersection(statuses)
            return selection
        }

        static let destination = """
            case n.medium when 'email' then split_part(n.recipient, '@', 2) when 'app_io' then 'io'
                when 'webhook' then n.recipient when 'open311' then n.recipient else n.medium end
            """

        /// A table `n`, and the values of its parameters. The open ones and those given up each have an index.
        var sql: (from: String, values: [PostgresValue]) {
            var values: [PostgresValue] = [.textArray(statuses.sorted())]
            var conditions = ["n.status = any($1)"]
            func require(_ condition: (String) -> String, _ value: PostgresValue?) {
                guard let value else { return }
                values.append(value)
                conditions.append(condition("$\(values.count)"))
            }
            require({ "n.id = \($0)" }, id.map { .uuid($0.high, $0.low) })
            require({ "n.line = \($0)" }, line.map(PostgresValue.text))
            require({ "\(Selection.destination) = \($0)" }, destination.map(PostgresValue.text))
            require({ "n.ticket = (select number from ticket where code = \($0))" }, ticket.map(PostgresValue.text))
            require({ "n.created_at < \($0)" }, before.map { .timestamptz($0.microseconds) })
            let all = conditions.joined(separator: " and ")
            var parts: [String] = []
            if !statuses.isDisjoint(with: Selection.open) {
                parts += ["\(Outbox.open) and n.owner is null", "\(Outbox.open) and n.owner is not null"]
            }
            if !statuses.isDisjoint(with: Selection.givenUp) {
                parts.append("status in ('refused', 'expired', 'uncertain')")
            }
            if !statuses.isDisjoint(with: ["delivered", "cancelled"]) {
                parts.append("status in ('delivered', 'cancelled')")
            }
            // Of no status: nothing.
            if parts.isEmpty { parts = ["false"] }
            let union = parts.map { "select n.* from notification n where \($0) and \(all)" }
            return ("(\(union.joined(separator: " union all "))) n", values)
        }
    }
}
