/// What a button of ours sends back when it is pressed.
enum ButtonPress {
    /// - Returns: nil if the payload is none of ours.
    static func command(_ payload: String) -> ChatCommand? {
        switch payload {
        // What the Messenger Platform's guides call the button that begins a conversation.
        case "start", "GET_STARTED", "get_started": return .start
        case "help": return .help
        case "stop": return .stop
        case "new": return .new
        case "status": return .status
        default:
            guard payload.hasPrefix("reopen:") else { return nil }
            let code = payload.dropFirst(7)
            return (1...40).contains(code.utf8.count) ? .reopen(String(code)) : nil
        }
    }

    /// The press, or the same said as a message if the button is none of ours.
    static func event(_ payload: String?, _ message: ChatMessage) -> ChatEvent {
        if let payload, let command = command(payload) { return .command(command, message) }
        return .message(message)
    }
}
