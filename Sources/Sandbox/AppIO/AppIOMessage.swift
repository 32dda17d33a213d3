/// A message as a sender submits it, checked against every rule the real service has.
///
/// Rules: the schema `NewMessage` of App IO's API 4.1 and what its code adds. Lengths are in UTF-16 units, because the
/// service measures JavaScript strings. Members that are not known are tolerated.
struct AppIOMessage: Sendable, Equatable {
    let fiscalCode: String
    let subject: String
    let markdown: String
    let featureLevel: String
    let timeToLive: Int?
    /// The content as it came in, given back to whoever reads the message.
    let content: JSONValue

    /// - Parameters:
    ///   - body: what the request carried.
    ///   - pathCode: the fiscal code in the path, in the discouraged form of the request.
    ///   - maximumAmount: the largest payment the service may ask for, in eurocents.
    ///   - isPremium: the service may send premium messages.
    init(
        _ body: JSONValue, pathCode: String?, maximumAmount: Int, isPremium: Bool
    ) throws(AppIORefusal) {
        guard body.object != nil else { throw .notJSON }
        guard let content = body["content"], content.object != nil else { throw .structure("content is required") }
        subject = try Self.text(content, "subject", 10...120)
        markdown = try Self.text(content, "markdown", 80...10_000)
        try Self.checkOptions(content)
        timeToLive = try Self.timeToLive(body)
        featureLevel = try Self.featureLevel(body)
        fiscalCode = try Self.recipient(body, pathCode)
        let payment = try Self.payment(content)
        try Self.checkRemoteContent(content)
        try Self.checkPermissions(content, payment, isPremium ? "STANDARD" : featureLevel, maximumAmount)
        self.content = content
    }

    private static func text(
        _ content: JSONValue, _ name: String, _ lengths: ClosedRange<Int>
    ) throws(AppIORefusal) -> String {
        guard let value = content[name]?.string else { throw .structure("content.\(name) must be a string") }
        guard lengths.contains(value.utf16.count) else {
            throw .structure(
                "content.\(name) has \(value.utf16.count) UTF-16 units; "
                    + "allowed are \(lengths.lowerBound) to \(lengths.upperBound)")
        }
        return value
    }

    private static func checkOptions(_ content: JSONValue) throws(AppIORefusal) {
        if let flag = content["require_secure_channels"], flag.bool == nil {
            throw .structure("content.require_secure_channels must be true or false")
        }
        if let date = content["due_date"], !(date.string.map(AppIOPatterns.isTimestamp) ?? false) {
            throw .structure("content.due_date must be an ISO 8601 date and time")
        }
    }

    private static func timeToLive(_ body: JSONValue) throws(AppIORefusal) -> Int? {
        guard let value = body["time_to_live"] else { return nil }
        guard let seconds = value.integer, (3600...604_800).contains(seconds) else {
            throw .structure("time_to_live must be from 3600 to 604800 seconds")
        }
        return seconds
    }

    private static func featureLevel(_ body: JSONValue) throws(AppIORefusal) -> String {
        guard let value = body["feature_level_type"] else { return "STANDARD" }
        guard let level = value.string, ["STANDARD", "ADVANCED"].contains(level) else {
            throw .structure("feature_level_type must be STANDARD or ADVANCED")
        }
        return level
    }

    private static func recipient(_ body: JSONValue, _ pathCode: String?) throws(AppIORefusal) -> String {
        let bodyCode = body["fiscal_code"]
        guard (bodyCode == nil) != (pathCode == nil) else { throw .badParameters }
        guard let code = pathCode ?? bodyCode?.string, AppIOPatterns.isFiscalCode(code) else {
            throw .structure("fiscal_code is not a valid fiscal code")
        }
        return code
    }
}

extension AppIOMessage {
    private struct Payment {
        let amount: Int
        let hasPayee: Bool
    }

    private static func payment(_ content: JSONValue) throws(AppIORefusal) -> Payment? {
        guard let data = content["payment_data"] else { return nil }
        guard let amount = data["amount"]?.integer, (1...9_999_999_999).contains(amount) else {
            throw .structure("payment_data.amount must be an integer from 1 to 9999999999 eurocents")
        }
        guard let notice = data["notice_number"]?.string, AppIOPatterns.isNoticeNumber(notice) else {
            throw .structure("payment_data.notice_number must be 18 digits, the first from 0 to 3")
        }
        if let flag = data["invalid_after_due_date"], flag.bool == nil {
            throw .structure("payment_data.invalid_after_due_date must be true or false")
        }
        guard let payee = data["payee"] else { return Payment(amount: amount, hasPayee: false) }
        guard let code = payee["fiscal_code"]?.string, AppIOPatterns.isOrganisationCode(code) else {
            throw .structure("payment_data.payee.fiscal_code must be 11 digits")
        }
        return Payment(amount: amount, hasPayee: true)
    }

    private static func checkRemoteContent(_ content: JSONValue) throws(AppIORefusal) {
        guard let data = content["third_party_data"] else { return }
        guard let id = data["id"]?.string, !id.isEmpty else { throw .structure("third_party_data.id is required") }
        if let configuration = data["configuration_id"],
            !(configuration.string.map(AppIOPatterns.isULID) ?? false)
        {
            throw .structure("third_party_data.configuration_id must be a ULID")
        }
        if let condition = data["has_precondition"],
            !["ALWAYS", "ONCE", "NEVER"].contains(condition.string)
        {
            throw .structure("third_party_data.has_precondition must be ALWAYS, ONCE or NEVER")
        }
    }

    /// What is well formed but not for an ordinary service: the sandbox's service has no special group.
    private static func checkPermissions(
        _ content: JSONValue, _ payment: Payment?, _ level: String, _ maximumAmount: Int
    ) throws(AppIORefusal) {
        if level == "ADVANCED" {
            throw .forbidden("You do not have enough permissions to send a Premium message")
        }
        if content["third_party_data"] != nil {
            throw .forbidden("You do not have enough permissions to send a third party message")
        }
        guard let payment else { return }
        if payment.hasPayee {
            throw .forbidden("You do not have enough permissions to send a payment message with payee")
        }
        if payment.amount > maximumAmount {
            throw AppIORefusal(
                status: 400, title: "Error while sending payment metadata",
                detail: "The requested amount exceeds the maximum allowed for this service")
        }
    }
}
