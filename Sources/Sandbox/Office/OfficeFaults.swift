/// How the systems of offices are to behave: those that take webhooks, or the utility's Open311 server.
struct OfficeFaults: Sendable, Equatable {
    enum Mode: String, Sendable, CaseIterable {
        case normal
        /// The work is done, the answer comes late.
        case slow
        /// Every call is answered `status`, and nothing is done.
        case fail
        /// The work is done, the connection closed without an answer.
        case silent
    }

    var mode = Mode.normal
    var delay = 3000
    /// Of `fail`, and of `fail_next`.
    var status = 503
    var failNext = 0
    /// Seconds, in `Retry-After`.
    var retryAfter: Int?
    /// Whom it concerns; all, if none is named.
    var names: Set<String> = []
    /// The utility promises ids by tokens, until it is told to give them.
    var tokens = false

    func concerns(_ name: String) -> Bool { names.isEmpty || names.contains(name) }

    /// The status with which the next call fails; nil: it goes its way.
    mutating func takeFailure(_ name: String) -> Int? {
        guard concerns(name) else { return nil }
        if failNext > 0 {
            failNext -= 1
            return status
        }
        return mode == .fail ? status : nil
    }
}

extension OfficeFaults {
    /// Applies the `office` or `utility` member of a control request.
    mutating func apply(_ request: JSONValue, as member: String) throws(ControlError) {
        for (name, value) in try Control.members(request, member) {
            switch name {
            case "mode": mode = try Control.mode(value, "\(member).mode")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "\(member).delay_ms")
            case "status": status = try Control.integer(value, 300...599, "\(member).status")
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "\(member).fail_next")
            case "retry_after":
                retryAfter = value == .null ? nil : try Control.integer(value, 0...86_400, "\(member).retry_after")
            case "names": names = Set(try Control.strings(value, "\(member).names"))
            case "tokens": tokens = try Control.flag(value, "\(member).tokens")
            default: throw ControlError(detail: "\(member).\(name) is not known")
            }
        }
    }

    var json: JSONValue {
        [
            "mode": .string(mode.rawValue), "delay_ms": JSONValue(delay), "status": JSONValue(status),
            "fail_next": JSONValue(failNext), "retry_after": retryAfter.map { JSONValue($0) } ?? .null,
            "names": .array(names.sorted().map { .string($0) }), "tokens": .bool(tokens),
        ]
    }
}
