// swift-tools-version:6.2
import PackageDescription

// Complete concurrency checking comes with the Swift 6 language mode; a warning is an error.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// Where attempts to deliver are made: they run where the queue runs, and hop to no other thread.
let deliverySettings = settings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
    name: "pasquino",
    products: [.executable(name: "pasquino", targets: ["pasquino"])],
    dependencies: [
        // The command line: sub-commands, help and usage errors.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // HMAC and SHA-256: webhook signatures, status keys, content hashes.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // The HTTP listener. Without its traits: no configuration library, no second Foundation.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // Notification and page templates that operators edit.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        // YAML with the line and column of every node.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Starts and drains the listener.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Hummingbird reports through it; its lines are silenced in favour of ours.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // The sandbox's SMTP server and the bench's HTTP load; Hummingbird stands on it anyway.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Connections that end in good order when the listener stops; Hummingbird stands on it anyway.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    ],
    targets: [
        // C libraries and shims: no policy.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // Stems of words, by Snowball.
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        // The type of a file by its content.
        .systemLibrary(name: "CMagic", pkgConfig: "libmagic", providers: [.apt(["libmagic-dev"])]),
        // What is inside a zip, tar, 7z or rar.
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        // E-mail as thirty years of programs wrote it: fields with parameters, transfer encodings, dates, the names of
        // charsets (GMime); HTML, the certificate of certified mail, and Open311's XML (libxml2). Debian keeps both.
        .systemLibrary(name: "CGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .target(name: "CMail", dependencies: ["CGMime", "CLibXML2"]),
        .target(name: "CXML", dependencies: ["CLibXML2"]),
        .target(name: "CLinux"),
        .target(name: "CLinear"),
        // The language of a message.
        .target(name: "CCLD2", linkerSettings: [.linkedLibrary("cld2")]),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),

        // Dispatch, libpq and libcurl as async Swift.
        .target(name: "EventLoop", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "Postgres", dependencies: ["Boundaries", "CLibPQ", "EventLoop"], swiftSettings: settings),
        .target(name: "Transfer", dependencies: ["CCurl", "EventLoop"], swiftSettings: settings),

        // Where tests kill the program.
        .target(name: "Boundaries", swiftSettings: settings),
        // Pure: the vocabulary and the rule engine.
        .target(name: "Civic", swiftSettings: settings),
        // Crypto: the hash under which a file is stored once.
        .target(
            name: "Attachments",
            dependencies: ["CArchive", "CMagic", "Civic", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(name: "Mail", dependencies: ["CMail", "Civic"], swiftSettings: settings),
        // What is posted to us, and by us to offices, and proves who sent it.
        .target(
            name: "Webhooks", dependencies: [.product(name: "Crypto", package: "swift-crypto")], swiftSettings: settings
        ),
        .target(name: "Rules", dependencies: ["Civic", "CLinear", "CRE2", "CStemmer"], swiftSettings: settings),

        .target(
            name: "Settings",
            dependencies: [
                "Civic", "Rules", "Webhooks", .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(name: "Observability", dependencies: ["Civic", "CLinux"], swiftSettings: settings),
        .target(
            name: "Store",
            dependencies: ["Boundaries", "Civic", "Postgres", .product(name: "Crypto", package: "swift-crypto")],
            resources: [
                .embedInCode("Migrations/v001_initial.sql"), .embedInCode("Migrations/v002_shadow_and_reload.sql"),
                .embedInCode("Migrations/v003_mail.sql"), .embedInCode("Migrations/v004_open311.sql"),
                .embedInCode("Migrations/v005_chats.sql"), .embedInCode("Migrations/v006_delivery.sql"),
                .embedInCode("Migrations/v007_watching.sql"), .embedInCode("Migrations/v008_people.sql"),
                .embedInCode("Migrations/v009_citizens.sql"),
            ],
            swiftSettings: settings),
        // What waits on the daemon's own disk while PostgreSQL is away.
        .target(name: "Spool", dependencies: ["Civic"], swiftSettings: settings),
        .target(
            name: "Delivery",
            dependencies: [
                "Boundaries", "CXML", "Civic", "Settings", "Store", "Transfer", "EventLoop", "Observability",
                "Webhooks",
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: deliverySettings),
        .target(
            name: "Intake",
            dependencies: [
                "Attachments", "Boundaries", "CCLD2", "CXML", "Civic", "Mail", "Rules", "Settings", "Spool", "Store",
                "Postgres",
                "Transfer",
                "Observability", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: settings),
        .target(
            name: "Sandbox",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .target(
            name: "Bench",
            dependencies: ["CLinux", "EventLoop", "Postgres", "Store"],
            swiftSettings: settings),
        .target(
            name: "Daemon",
            dependencies: [
                "Boundaries", "Civic", "Rules", "Settings", "Spool", "Store", "Postgres", "Transfer", "EventLoop",
                "Intake", "Delivery", "Observability", "CLinux",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "pasquino",
            dependencies: [
                "Civic", "Rules", "Settings", "Store", "Postgres", "Intake", "Delivery", "Mail", "Daemon", "Bench",
                "Sandbox", "CLinux",
                "Observability", "Spool", "Transfer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        // Pure tests, then the parts against real servers, then the binary under kill -9.
        // What tests of several modules need: data that lie beside the package, chance that repeats itself.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "CivicTests", dependencies: ["Civic", "TestSupport"], swiftSettings: settings),
        // CArchive makes the archives that the tests read.
        .testTarget(
            name: "AttachmentsTests", dependencies: ["Attachments", "CArchive", "Civic", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "MailTests", dependencies: ["Mail", "Civic", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "RulesTests", dependencies: ["Rules", "Civic", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "SettingsTests",
            dependencies: ["Settings", "Civic", "Rules", "TestSupport", .product(name: "Yams", package: "Yams")],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "ObservabilityTests", dependencies: ["Observability", "Civic", "TestSupport"], swiftSettings: settings
        ),
        .testTarget(name: "SpoolTests", dependencies: ["Spool", "Civic", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Settings", "Intake", "Delivery", "Store", "Postgres", "Observability", "EventLoop", "Civic",
                "TestSupport", .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop"], swiftSettings: settings),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "EventLoop"], swiftSettings: settings),
        // Servers for tests: told what to say, or real.
        .target(
            name: "TransferTesting", dependencies: ["Transfer", "Sandbox"], path: "Tests/TransferTesting",
            swiftSettings: settings),
        .testTarget(name: "TransferTests", dependencies: ["Transfer", "TransferTesting"], swiftSettings: settings),
        .testTarget(
            name: "IntakeTests",
            dependencies: [
                "Intake", "Settings", "Civic", "Rules", "Store", "Transfer", "TransferTesting", "Observability",
                "Sandbox", "TestSupport", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "Delivery", "Civic", "Observability", "Sandbox", "Settings", "Store", "TestSupport", "Transfer",
                "TransferTesting",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Postgres", "Civic", "EventLoop", "Bench"],
            swiftSettings: settings),
        .testTarget(name: "BenchTests", dependencies: ["Bench", "TransferTesting"], swiftSettings: settings),
        .testTarget(
            name: "DeliveryQueueTests",
            dependencies: ["Delivery", "Store", "Civic", "EventLoop", "Observability", "TestSupport"],
            swiftSettings: deliverySettings),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "TestSupport", "TransferTesting", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        // Whatever reads what strangers wrote, as functions of bytes: for libFuzzer, and over a corpus in every run.
        .target(
            name: "Fuzzing",
            dependencies: [
                "Attachments", "Civic", "Delivery", "Intake", "Mail", "Rules", "Settings", "Store", "TestSupport",
                "Transfer", "Webhooks", .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/Fuzzing", exclude: ["Corpus"], swiftSettings: settings),
        .testTarget(name: "FuzzTests", dependencies: ["Fuzzing", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "Bench", "Boundaries", "Daemon", "Intake", "pasquino", "Postgres", "EventLoop", "Settings",
                "TestSupport",
                "Transfer", "TransferTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings),
    ]
)

// Only for Deploy/benchmark-rules: nobody else needs to build it.
if Context.environment["PASQUINO_RULEBENCH"] != nil {
    package.targets.append(
        .executableTarget(name: "rulebench", dependencies: ["Civic", "Rules", "Settings"], swiftSettings: settings))
}

// Only for Deploy/fuzz: libFuzzer needs every edge and comparison of our own code counted. PASQUINO_FUZZER is its archive.
if let archive = Context.environment["PASQUINO_FUZZER"] {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["Fuzzing"], path: "Tests/Fuzz", swiftSettings: settings,
            linkerSettings: [.unsafeFlags([archive]), .linkedLibrary("stdc++")]))
    let counted = ["-fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp"]
    for target in package.targets where ["CMail", "CXML", "CRE2", "CLinear"].contains(target.name) {
        target.cSettings = [.unsafeFlags(counted)]
        target.cxxSettings = [.unsafeFlags(counted)]
    }
}

// Only for Deploy/sanitize: a bundle of a few suites builds in a fraction of the time.
if let wanted = Context.environment["PASQUINO_SUITES"]?.split(separator: " ").map(String.init) {
    package.targets.removeAll { $0.type == .test && !wanted.contains($0.name) }
}
