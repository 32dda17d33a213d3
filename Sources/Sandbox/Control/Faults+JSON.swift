extension AppIOFaults {
    /// Applies the `io` member of a control request.
    mutating func apply(_ request: JSONValue) throws(ControlError) {
        for (name, value) in try Control.members(request, "io") {
            switch name {
            case "mode": mode = try Control.mode(value, "io.mode")
            case "only_messages": onlyMessages = try Control.flag(value, "io.only_messages")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "io.delay_ms")
            case "rotate": rotations = try Control.flag(value, "io.rotate") ? rotations + 1 : 0
            case "rate_limit":
                rateLimit = value == .null ? nil : try Control.integer(value, 0...1_000_000, "io.rate_limit")
            case "without_app": withoutApp = Set(try Control.strings(value, "io.without_app"))
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "io.fail_next")
            case "status": failStatus = try Control.integer(value, 400...599, "io.status")
            case "rate_plan": ratePlan = try Control.list(value, "io.rate_plan", Control.step)
            case "premium": premium = try Control.flag(value, "io.premium")
            case "services": services = try Control.list(value, "io.services", Control.service)
            case "revoked": revoked = Set(try Control.strings(value, "io.revoked"))
            case "max_payment_amount": maximumPayment = try Control.integer(value, 0...9_999_999_999, "io.\(name)")
            default: throw ControlError(detail: "io.\(name) is not known")
            }
        }
    }

    func json(primary: String, secondary: String) -> JSONValue {
        [
            "mode": .string(mode.rawValue), "only_messages": .bool(onlyMessages), "delay_ms": JSONValue(delay),
            "rate_limit": rateLimit.map { JSONValue($0) } ?? .null,
            "without_app": .array(withoutApp.sorted().map { .string($0) }),
            "fail_next": JSONValue(failNext), "status": JSONValue(failStatus),
            "max_payment_amount": JSONValue(maximumPayment), "rotations": JSONValue(rotations),
            "keys": ["primary": .string(primary), "secondary": .string(secondary)], "premium": .bool(premium),
            "services": .array(
                services.map {
                    [
                        "name": .string($0.name), "keys": .array($0.keys.map { .string($0) }),
                        "premium": .bool($0.premium),
                    ]
                }),
            "revoked": .array(revoked.sorted().map { .string($0) }),
            "rate_plan": .array(
                ratePlan.map { ["seconds": JSONValue($0.seconds), "limit": $0.limit.map { JSONValue($0) } ?? .null] }),
        ]
    }
}

extension MailFaults {
    /// Applies the `smtp` member of a control request.
    mutating func apply(_ request: JSONValue) throws(ControlError) {
        for (name, value) in try Control.members(request, "smtp") {
            switch name {
            case "mode": mode = try Control.mode(value, "smtp.mode")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "smtp.delay_ms")
            case "addresses": addresses = Set(try Control.strings(value, "smtp.addresses").map { $0.lowercased() })
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "smtp.fail_next")
            case "status": failStatus = try Control.integer(value, 400...599, "smtp.status")
            case "rate_limit":
                rateLimit = value == .null ? nil : try Control.integer(value, 0...1_000_000, "smtp.rate_limit")
            default: throw ControlError(detail: "smtp.\(name) is not known")
            }
        }
    }

    var json: JSONValue {
        [
            "mode": .string(mode.rawValue), "delay_ms": JSONValue(delay),
            "addresses": .array(addresses.sorted().map { .string($0) }),
            "fail_next": JSONValue(failNext), "status": JSONValue(failStatus),
            "rate_limit": rateLimit.map { JSONValue($0) } ?? .null,
        ]
    }
}

extension ChatFaults {
    /// Applies the `chat` member of a control request.
    mutating func apply(_ request: JSONValue) throws(ControlError) {
        for (name, value) in try Control.members(request, "chat") {
            switch name {
            case "mode": mode = try Control.mode(value, "chat.mode")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "chat.delay_ms")
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "chat.fail_next")
            case "status": failStatus = try Control.integer(value, 400...599, "chat.status")
            default: throw ControlError(detail: "chat.\(name) is not known")
            }
        }
    }

    func json(token: String) -> JSONValue {
        [
            "mode": .string(mode.rawValue), "delay_ms": JSONValue(delay), "fail_next": JSONValue(failNext),
            "status": JSONValue(failStatus), "token": .string(token),
        ]
    }
}

/// Reads values of a control request, with the name of what is wrong.
enum Control {
    static func members(_ value: JSONValue, _ name: String) throws(ControlError) -> [String: JSONValue] {
        guard let members = value.object else { throw ControlError(detail: "\(name) must be an object") }
        return members
    }

    static func mode<Mode: RawRepresentable & CaseIterable>(
        _ value: JSONValue, _ name: String
    ) throws(ControlError) -> Mode where Mode.RawValue == String {
        guard let mode = value.string.flatMap(Mode.init(rawValue:)) else {
            let known = Mode.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError(detail: "\(name) must be one of \(known)")
        }
        return mode
    }

    static func integer(_ value: JSONValue, _ range: ClosedRange<Int>, _ name: String) throws(ControlError) -> Int {
        guard let number = value.integer, range.contains(number) else {
            throw ControlError(detail: "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func flag(_ value: JSONValue, _ name: String) throws(ControlError) -> Bool {
        guard let flag = value.bool else { throw ControlError(detail: "\(name) must be true or false") }
        return flag
    }

    static func list<Element>(
        _ value: JSONValue, _ name: String, _ read: (JSONValue) throws(ControlError) -> Element
    ) throws(ControlError) -> [Element] {
        guard let values = value.array else { throw ControlError(detail: "\(name) must be a list") }
        var elements: [Element] = []
        for value in values { elements.append(try read(value)) }
        return elements
    }

    static func step(_ value: JSONValue) throws(ControlError) -> RateStep {
        let seconds = try integer(value["seconds"] ?? .null, 1...86_400, "io.rate_plan: seconds")
        guard let limit = value["limit"] else { return RateStep(seconds: seconds, limit: nil) }
        return RateStep(seconds: seconds, limit: try integer(limit, 0...1_000_000, "io.rate_plan: limit"))
    }

    static func service(_ value: JSONValue) throws(ControlError) -> AppIOSandboxService {
        guard let name = value["name"]?.string, !name.isEmpty else {
            throw ControlError(detail: "io.services: each needs a name")
        }
        return AppIOSandboxService(
            name: name, keys: try strings(value["keys"] ?? .null, "io.services: keys"),
            premium: try flag(value["premium"] ?? false, "io.services: premium"))
    }

    static func strings(_ value: JSONValue, _ name: String) throws(ControlError) -> [String] {
        guard let values = value.array else { throw ControlError(detail: "\(name) must be a list of strings") }
        var strings: [String] = []
        for element in values {
            guard let string = element.string else { throw ControlError(detail: "\(name) must be a list of strings") }
            strings.append(string)
        }
        return strings
    }
}
