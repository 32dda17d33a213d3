internal import Boundaries

/// The hand on an open transaction, for as long as the body of `transaction` runs.
public struct PostgresTransaction: Sendable {
    let connection: PostgresConnection
    let id: TransactionID

    /// The transaction whose body the current task runs, so that a body that asks its own connection, and would wait for
    /// itself, is told.
    @TaskLocal static var current: TransactionID?

    /// Runs one statement of the transaction. After an error the transaction is over: PostgreSQL refuses what follows.
    public func query(_ sql: String, _ parameters: [PostgresValue] = []) async throws(PostgresError) -> PostgresRows {
        try await connection.query(sql, parameters, inside: id)
    }
}

/// One transaction of one connection.
struct TransactionID: Sendable, Equatable {
    let connection: ObjectIdentifier
    let number: Int
}

/// A transaction that runs, and the session it runs in.
struct OpenTransaction {
    let id: TransactionID
    let generation: Int
}

extension PostgresConnection {
    /// Runs `body` with the session to itself: nobody else's statement gets in between. Commits when it returns, rolls
    /// back and rethrows when it throws.
    ///
    /// - Throws: what `body` throws, or `PostgresError`. If `COMMIT` fails with `outcomeUnknown`, the transaction may be
    ///   durable or not; there is no way to know but to look.
    public func transaction<T: Sendable>(
        _ body: @Sendable (PostgresTransaction) async throws -> T
    ) async throws -> T {
        try await startTurn()
        defer { endTurn() }
        try await connected()
        transactions += 1
        let id = TransactionID(connection: ObjectIdentifier(self), number: transactions)
        let generation = generation
        do throws(PostgresError) { try await runScript("begin", in: generation) } catch { throw error.withKnownOutcome }
        openTransaction = OpenTransaction(id: id, generation: generation)
        let value: T
        do {
            value = try await PostgresTransaction.$current.withValue(id) {
                try await body(PostgresTransaction(connection: self, id: id))
            }
        } catch {
            await rollBack(id)
            throw error
        }
        try await commit(id)
        return value
    }

    /// A statement of the transaction; those that come together wait for each other.
    func query(
        _ sql: String, _ parameters: [PostgresValue], inside id: TransactionID
    ) async throws(PostgresError) -> PostgresRows {
        await takeTransactionTurn()
        defer { transactionTurn.pass() }
        let generation = try check(id)
        do throws(PostgresError) {
            return try await run(sql, parameters, in: generation)
        } catch {
            // Whatever became of the statement, without a COMMIT it has no effect.
            throw error.withKnownOutcome
        }
    }

    /// - Returns: the generation of the transaction's session.
    private func check(_ id: TransactionID) throws(PostgresError) -> Int {
        guard let open = openTransaction, open.id == id else {
            throw PostgresError(.usage, "the transaction is over")
        }
        guard open.generation == generation, session != nil else {
            throw PostgresError(.connectionLost, "the transaction was rolled back when its session was lost")
        }
        return generation
    }

    private func commit(_ id: TransactionID) async throws(PostgresError) {
        await takeTransactionTurn()
        defer { transactionTurn.pass() }
        defer { openTransaction = nil }
        let generation = try check(id)
        let result = try await Boundary.commitSent.whenSent { () async throws(PostgresError) in
            try await runScript("commit", in: generation)
        }
        // A failed transaction answers COMMIT with ROLLBACK, and no error.
        guard result?.command == "COMMIT" else {
            throw PostgresError(.server(sqlstate: "25P02"), "rolled back: a statement in the transaction had failed")
        }
    }

    private func rollBack(_ id: TransactionID) async {
        await takeTransactionTurn()
        defer { transactionTurn.pass() }
        defer { openTransaction = nil }
        // Without its session there is nothing to roll back.
        guard let generation = try? check(id) else { return }
        do throws(PostgresError) {
            _ = try await runScript("rollback", in: generation)
        } catch {
            // A session that cannot roll back is no good, unless another has already taken its place.
            if generation == self.generation {
                lost(PostgresError(.connectionLost, "rollback failed: \(error.message)"))
            }
        }
    }

    private func takeTransactionTurn() async {
        if !transactionTurn.take() { await withCheckedContinuation { transactionTurn.takeOrWait($0) } }
    }
}
