import Transfer

extension Dovecot {
    package func account(
        user: String = "maria", tls: Bool = true, change: (inout IMAPAccount) -> Void = { _ in }
    ) -> IMAPAccount {
        var account = IMAPAccount(
            server: tls ? tlsURL : url, user: user, secret: .password(Dovecot.password), trustAuthority: authority,
            connectTimeout: .seconds(1200), silence: .seconds(1200))
        change(&account)
        return account
    }

    /// Runs `body` with a session of the user's, in clear text.
    package func session<Value: Sendable>(
        of user: String, _ body: (IMAPSession) async throws -> Value
    ) async throws -> Value {
        try await withSession(account(user: user, tls: false) { $0.tls = .never }, body)
    }
}

/// Runs `body` with a session and closes it, whatever happens.
package func withSession<Value: Sendable>(
    _ account: IMAPAccount, _ body: (IMAPSession) async throws -> Value
) async throws -> Value {
    let session = try await IMAPClient(label: "test").connect(account)
    do {
        let value = try await body(session)
        await session.logout()
        return value
    } catch {
        await session.close()
        throw error
    }
}
