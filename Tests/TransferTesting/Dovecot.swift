import Foundation
import Glibc
import Synchronization

/// Debian's Dovecot on free ports of 127.0.0.1, with its own configuration, mail and certificate. Any user may log in
/// with the password `parola`, and has an empty mailbox.
///
/// Dovecot runs under one ordinary user's name: ours, or `nobody` when we are root.
package final class Dovecot: Sendable {
    package static let isInstalled: Bool = {
        let programs = [program, openssl, python]
        return programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } && account != nil
    }()
    package static let absence = "needs Debian's dovecot-imapd, openssl and python3, and a user name to run it under"
    package static let password = "parola"

    private static let program = "/usr/sbin/dovecot"
    private static let openssl = "/usr/bin/openssl"
    private static let python = "/usr/bin/python3"

    /// Finds free ports and starts Dovecot with no blocked signals and no descriptors of ours, under the account's name, and ends it with our
    /// end of the pipe, even if we are killed.
    private static let guardian = """
        import os, shutil, signal, socket, subprocess, sys, threading
        ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        names = [str(port.getsockname()[1]) for port in ports]
        for port in ports: port.close()
        path = sys.argv[-1]
        text = open(path).read().replace("@PORT@", names[0]).replace("@TLS@", names[1])
        open(path, "w").write(text)
        print(" ".join(names), flush=True)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        account = dict(user=int(sys.argv[1]), group=int(sys.argv[2]), extra_groups=[]) if os.geteuid() == 0 else {}
        server = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, **account)
        def watch():
            sys.stdin.buffer.read()
            server.terminate()
        threading.Thread(target=watch, daemon=True).start()
        code = server.wait() & 255
        shutil.rmtree(os.path.dirname(path), ignore_errors=True)
        os._exit(code)
        """

    private struct Account: Sendable {
        let name: String
        let user: uid_t
        let group: gid_t
        let groupName: String
    }

    private static let account: Account? = {
        let entry = geteuid() == 0 ? getpwnam("nobody") : getpwuid(geteuid())
        guard let entry, let group = getgrgid(entry.pointee.pw_gid) else { return nil }
        return Account(
            name: String(cString: entry.pointee.pw_name), user: entry.pointee.pw_uid, group: entry.pointee.pw_gid,
            groupName: String(cString: group.pointee.gr_name))
    }()

    private let directory: String
    private let process = Process()
    private let input = Pipe()
    /// Clear text and STARTTLS.
    package let port: UInt16
    package let tlsPort: UInt16
    private let words: Words

    /// - Parameter capability: what it claims to be able to do, in place of what it can.
    package init(capability: String? = nil) throws {
        guard let account = Self.account else { throw POSIXError(.ENOENT) }
        let name = "d" + String(UInt32.random(in: 0 ... .max), radix: 16)
        // Its sockets' paths have 107 bytes at most (unix(7)).
        directory = FileManager.default.temporaryDirectory.appending(path: name).path
        for place in ["", "/run", "/state", "/mail"] {
            try FileManager.default.createDirectory(atPath: directory + place, withIntermediateDirectories: true)
        }
        try Self.makeCertificate(in: directory)
        try Self.configuration(directory, account, capability)
            .write(toFile: directory + "/dovecot.conf", atomically: true, encoding: .utf8)
        if geteuid() == 0 {
            for place in ["", "/run", "/state", "/mail", "/key.pem", "/cert.pem"] {
                guard chown(directory + place, account.user, account.group) == 0 else { throw POSIXError(.EPERM) }
            }
        }
        let (output, ports) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: Self.python)
        process.arguments =
            ["-c", Self.guardian, "\(account.user)", "\(account.group)"]
            + [Self.program, "-F", "-c", directory + "/dovecot.conf"]
        process.standardInput = input
        process.standardOutput = ports
        process.standardError = output
        process.currentDirectoryURL = URL(filePath: "/")
        words = Words()
        try process.run()
        var line: [UInt8] = []
        while let byte = try ports.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 { line.append(byte) }
        let numbers = String(decoding: line, as: UTF8.self).split(separator: " ").compactMap { UInt16($0) }
        guard numbers.count == 2 else { throw POSIXError(.EADDRNOTAVAIL) }
        (port, tlsPort) = (numbers[0], numbers[1])
        try words.listen(to: output.fileHandleForReading)
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The certificate that signs itself.
    package var authority: String { directory + "/cert.pem" }
    package var url: String { "imap://127.0.0.1:\(port)" }
    package var tlsURL: String { "imaps://127.0.0.1:\(tlsPort)" }
    /// What it logged.
    package var log: [String] { words.all.withLock { $0 } }

    private static func makeCertificate(in directory: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: openssl)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory + "/key.pem", "-out",
            directory + "/cert.pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    private static func configuration(
        _ directory: String, _ account: Account, _ capability: String?
    ) -> String {
        """
        base_dir = \(directory)/run
        state_dir = \(directory)/state
        log_path = /dev/stderr
        default_internal_user = \(account.name)
        default_internal_group = \(account.groupName)
        default_login_user = \(account.name)
        protocols = imap
        listen = 127.0.0.1
        ssl = yes
        ssl_cert = <\(directory)/cert.pem
        ssl_key = <\(directory)/key.pem
        mail_home = \(directory)/mail/%u
        mail_location = maildir:~/mail
        mail_fsync = never
        mail_max_userip_connections = 0
        disable_plaintext_auth = no
        auth_failure_delay = 0
        first_valid_uid = 1
        \(capability.map { "imap_capability = \($0)" } ?? "")
        passdb {
          driver = static
          args = password=\(password)
        }
        userdb {
          driver = static
          args = uid=\(account.name) gid=\(account.groupName)
        }
        namespace inbox {
          inbox = yes
          separator = /
        }
        service imap-login {
          chroot =
          service_count = 0
          inet_listener imap {
            port = @PORT@
          }
          inet_listener imaps {
            port = @TLS@
            ssl = yes
          }
        }
        service imap {
          process_limit = 200
          service_count = 1000
        }
        service anvil {
          chroot =
          # No penalty for wrong passwords.
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }
        service stats {
          chroot =
        }

        """
    }
}

/// What a process says on its standard error.
private final class Words: Sendable {
    let all = Mutex<[String]>([])

    /// Returns when it has started; goes on listening so that it never waits for us.
    func listen(to handle: FileHandle) throws {
        let started = DispatchSemaphore(value: 0)
        let isUp = Mutex(false)
        Thread.detachNewThread {
            var bytes: [UInt8] = []
            while let more = try? handle.read(upToCount: 1), !more.isEmpty {
                guard more[more.startIndex] == 10 else {
                    bytes.append(more[more.startIndex])
                    continue
                }
                let line = String(decoding: bytes, as: UTF8.self)
                bytes = []
                self.all.withLock { $0.append(line) }
                if line.contains("starting up for") {
                    isUp.withLock { $0 = true }
                    started.signal()
                }
            }
            started.signal()
        }
        started.wait()
        guard isUp.withLock({ $0 }) else { throw DovecotFailure(words: all.withLock { $0 }) }
    }
}

private struct DovecotFailure: Error, CustomStringConvertible {
    let words: [String]
    var description: String { "Dovecot did not start: " + words.joined(separator: "; ") }
}
