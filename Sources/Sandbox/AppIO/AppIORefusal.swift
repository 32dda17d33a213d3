/// An answer of App IO other than success, in `application/problem+json`.
struct AppIORefusal: Error, Equatable {
    let status: Int
    let title: String
    let detail: String

    static func structure(_ detail: String) -> AppIORefusal {
        AppIORefusal(status: 400, title: "Invalid message structure", detail: detail)
    }

    static func forbidden(_ detail: String) -> AppIORefusal {
        AppIORefusal(status: 403, title: "You are not allowed here", detail: detail)
    }

    static let badParameters = AppIORefusal(
        status: 400, title: "Bad parameters", detail: "the fiscal code goes either in the path or in the body")
    static let badFiscalCode = AppIORefusal(
        status: 400, title: "Bad parameters", detail: "the value is not a valid fiscal code")
    static let noProfile = AppIORefusal(
        status: 404, title: "Profile not found", detail: "The profile you requested was not found in the system.")
    static let noMessage = AppIORefusal(
        status: 404, title: "Message not found", detail: "The message that you requested was not found in the system.")
    static let anotherServices = AppIORefusal.forbidden("The message was sent by another service")
    static let notJSON = AppIORefusal.structure("the body is not a JSON object")
}
