import Civic
import Observability
import Postgres
import Settings
import Store
import Synchronization
import Transfer

/// Fetches the files of messengers once their messages are durable: a few at a time, again and again with growing pauses,
/// and for three days at most. Several daemons share the work.
public final class MediaFetcher: Sendable {
    private let chats: ChatDesk
    private let journal: MediaJournal
    private let client: TransferClient
    private let wake: AsyncStream<Void>

    /// Under way at once.
    private static let most = 4
    /// Nobody else takes a file while it is being fetched.
    private static let lease = Duration.seconds(180)
    private static let attempts = 40

    /// - Parameter wake: yields whenever there may be something to fetch.
    public init(
        chats: ChatDesk, journal: MediaJournal, client: TransferClient, wake: AsyncStream<Void>
    ) {
        self.chats = chats
        self.journal = journal
        self.client = client
        self.wake = wake
    }

    /// Until the surrounding task is cancelled.
    public func run() async { for await _ in wake { await pass() } }

    /// Looks once, as long as there is something.
    func pass() async {
        while !Task.isCancelled {
            let now = chats.desk.now()
            do {
                let entries = try await journal.claim(
                    limit: MediaFetcher.most, at: now, until: now + MediaFetcher.lease)
                await withTaskGroup(of: Void.self) { tasks in
                    for entry in entries { tasks.addTask { await self.fetch(entry) } }
                }
                if entries.count < MediaFetcher.most { return }
            } catch {
                return  // that PostgreSQL is away is told elsewhere; the next look finds it back
            }
        }
    }

    private func fetch(_ entry: MediaJournal.Entry) async {
        let desk = chats.desk
        let rulebook = desk.current
        do {
            guard let channel = rulebook.configuration.channels[entry.channel], channel.isOpen,
                let source = Messengers.media(for: channel, client: client),
                let medium = channel.medium
            else { throw MediaFailure(reason: "its channel is closed", isRetriable: true) }
            let limit = min(channel.files.bytesEach, channel.files.bytesTogether - entry.together)
            guard limit > 0, (entry.size ?? 0) <= limit else {
                throw MediaFailure(reason: "it is larger than \(max(0, limit)) bytes", isRetriable: false)
            }
            let content = try await source.fetch(ChatMedia(entry), limit: limit)
            let taken = await desk.taken(
                [Attachment(name: entry.name, type: entry.type, content: content)], bounds: channel.files, by: rulebook)
            guard let file = taken.kept.first else {
                throw MediaFailure(reason: taken.refusal ?? "it is empty", isRetriable: false)
            }
            let message = Message(
                id: entry.message, channel: channel.name, externalID: "", receivedAt: desk.now(), text: ""
            ).with(taken)
            let reconsider = ChatEntry(
                raw: [], channel: channel, medium: medium, rulebook: rulebook, chats: chats
            ).reconsideration(of: message)
            let owner = desk.owner()
            let owed = try await journal.fetched(
                entry, as: file, reconsider: reconsider, at: desk.now(), owner: owner)
            if owner != nil, !owed.isEmpty { desk.deliver(owed) }
        } catch let failure as MediaFailure {
            await failed(entry, failure)
        } catch {
            desk.observe(.internalError(place: "files of \(entry.channel)", error: String(describing: error)))
            // Counted like the others: what PostgreSQL never takes must come to an end, too.
            await failed(entry, MediaFailure(reason: "it could not be stored", isRetriable: true))
        }
    }

    private func failed(_ entry: MediaJournal.Entry, _ failure: MediaFailure) async {
        let now = chats.desk.now()
        let isLast = !failure.isRetriable || entry.attempts >= MediaFetcher.attempts
        let pause = Duration.seconds(min(2 << min(entry.attempts, 12), 7200))
        chats.desk.observe(
            .mediaFailed(channel: entry.channel, reason: failure.reason, retryIn: isLast ? nil : pause.inSeconds))
        do {
            if isLast {
                try await journal.giveUp(entry, reason: failure.reason, at: now)
            } else {
                try await journal.failed(entry, reason: failure.reason, retryAt: now + pause)
            }
        } catch {
            return  // its lease ends, and it is tried again
        }
    }
}

extension ChatMedia {
    fileprivate init(_ entry: MediaJournal.Entry) {
        self.init(reference: entry.reference, name: entry.name, type: entry.type, size: entry.size)
    }
}
