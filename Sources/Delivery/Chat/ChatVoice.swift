import Civic
import Observability
import Settings
import Store
import Synchronization

/// Answers commands in chats: once, without promise.
public final class ChatVoice: Sendable {
    private struct Means: Sendable {
        var accounts: [Medium: [String: any ChatAccount]]
        var words: ChatWording
    }
    private let means = Mutex<Means?>(nil)
    private let observe: Observer

    public init(observe: Observer) { self.observe = observe }

    func adopt(_ accounts: [Medium: [String: any ChatAccount]], _ words: ChatWording) {
        means.withLock { $0 = Means(accounts: accounts, words: words) }
    }

    public func say(_ saying: Saying) async {
        guard let means = means.withLock({ $0 }),
            let account = means.accounts[saying.medium]?[saying.place.channel]
        else { return }
        if let callback = saying.callback, let account = account as? any CallbackAnswering {
            await account.answer(callback: callback)
        }
        guard let template = saying.template else { return }
        let facts = means.words.facts
        var variables = ["city": facts.configuration.city.name]
        variables["code"] = saying.code
        variables["status"] = saying.status
        variables["phone"] = facts.configuration.city.phone
        if !account.isPublic(inReplyTo: saying.inReplyTo) { variables["status_url"] = saying.code.map(facts.statusURL) }
        do {
            let text = try means.words.templates.chat(
                template, language: saying.language, variables: variables, length: account.length)
            let words = ChatWords(text: text.words, code: saying.code, inReplyTo: saying.inReplyTo)
            switch await account.send(words, to: saying.place.chat) {
            case .delivered, .unreachable, .absent: break
            case .tryAgain(let reason, _, _), .held(let reason, _), .uncertain(let reason), .givenUp(let reason),
                .stopped(let reason):
                observe(.internalError(place: "an answer on \(saying.place.channel)", error: reason))
            }
        } catch {
            observe(.internalError(place: "an answer on \(saying.place.channel)", error: "\(error)"))
        }
    }
}
