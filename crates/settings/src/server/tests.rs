use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn flags(volumes: &[&str]) -> Flags {
    Flags { volumes: volumes.iter().map(|volume| (*volume).to_owned()).collect(), ..Flags::default() }
}

fn resolve(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::resolve(&flags(&["/d{1...4}"]), &environment(pairs), Path::new("/home"))
}

fn error(pairs: &[(&str, &str)]) -> String {
    resolve(pairs).unwrap_err().to_string()
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let settings = resolve(&[("HOME", "/home/me")]).unwrap();
    assert_eq!(settings.address.to_string(), ":9000");
    assert_eq!(settings.console_address, None);
    assert_eq!(settings.certs_dir, Path::new("/home/me/.minio/certs"));
    assert_eq!(settings.region, "");
    assert!(settings.domains.is_empty() && settings.warnings.is_empty());
    assert_eq!(settings.api, Api::default());
    assert!(settings.browser.enabled && settings.browser.redirect);
    assert_eq!(settings.idle_timeout, Duration::from_secs(30));
    assert!(!settings.root_drive.accept);
}

#[test]
fn volumes_come_from_the_first_source_that_has_any() {
    let given = flags(&["/cli"]);
    let of = |pairs: &[(&str, &str)]| volumes(&given, &environment(pairs)).join("|");
    assert_eq!(of(&[]), "/cli");
    assert_eq!(of(&[("MINIO_ENDPOINTS", "/e")]), "/e");
    assert_eq!(of(&[("MINIO_ENDPOINTS", "/e"), ("MINIO_VOLUMES", "/v1   /v2")]), "/v1|/v2");
    assert_eq!(of(&[("MINIO_VOLUMES", "/v"), ("MINIO_ARGS", "/a")]), "/a");
    assert!(!Settings::has_volumes(&flags(&[]), &environment(&[])));
    assert!(Settings::has_volumes(&flags(&[]), &environment(&[("MINIO_VOLUMES", "/v")])));
}

#[test]
fn a_flag_wins_over_its_variable() {
    let mut given = flags(&["/d"]);
    let bound = environment(&[("MINIO_ADDRESS", ":1")]);
    assert_eq!(Settings::resolve(&given, &bound, Path::new("/")).unwrap().address.port, 1);
    given.address = Some(":2".to_owned());
    assert_eq!(Settings::resolve(&given, &bound, Path::new("/")).unwrap().address.port, 2);
}

#[test]
fn the_console_needs_an_address_of_its_own() {
    let with = |console: &str| {
        let given = Flags { console_address: Some(console.to_owned()), ..flags(&["/d"]) };
        Settings::resolve(&given, &environment(&[]), Path::new("/")).map(|settings| settings.console_address)
    };
    assert_eq!(with(":9001").unwrap().unwrap().port, 9001);
    assert!(matches!(with(":9000"), Err(SettingsError::SameAddress)));
    assert!(matches!(with("127.0.0.1:9000"), Err(SettingsError::SamePort)));
    assert_eq!(with(":0").unwrap().unwrap().port, 0);
    for without_port in ["foo", "127.0.0.1", "[::1]", "foo:"] {
        assert!(matches!(with(without_port), Err(SettingsError::ConsolePort(_))), "{without_port}");
    }
}

#[test]
fn the_certificate_directory_follows_its_flags() {
    let of = |certs_dir: Option<&str>, config_dir: Option<&str>| {
        let given = Flags {
            certs_dir: certs_dir.map(str::to_owned),
            config_dir: config_dir.map(str::to_owned),
            ..Flags::default()
        };
        certs_dir_of(&given)
    };
    fn certs_dir_of(given: &Flags) -> PathBuf {
        certs_dir(given, &environment(&[("HOME", "/h")]), Path::new("/w"))
    }
    assert_eq!(of(None, None), Path::new("/h/.minio/certs"));
    assert_eq!(of(None, Some("/c")), Path::new("/c/certs"));
    assert_eq!(of(Some("rel"), Some("/c")), Path::new("/w/rel"));
}

#[test]
fn regions_have_an_old_and_a_new_name() {
    assert_eq!(resolve(&[("MINIO_REGION", "eu")]).unwrap().region, "eu");
    assert_eq!(resolve(&[("MINIO_REGION", "eu"), ("MINIO_SITE_REGION", "us")]).unwrap().region, "us");
}

#[test]
fn domains_must_be_names_and_must_not_overlap() {
    assert_eq!(resolve(&[("MINIO_DOMAIN", "A.example, b.example")]).unwrap().domains, ["a.example", "b.example"]);
    let websites = resolve(&[("RUSTFS_WEBSITE_DOMAIN", "Pages.example")]).unwrap();
    assert_eq!((websites.website_domains, websites.domains), (vec!["pages.example".to_owned()], Vec::new()));
    assert!(error(&[("RUSTFS_WEBSITE_DOMAIN", "a..b")]).contains("RUSTFS_WEBSITE_DOMAIN"));
    assert!(error(&[("MINIO_DOMAIN", "x.a.example,a.example")]).contains("overlapping"));
    assert!(error(&[("MINIO_DOMAIN", "a.example,a.example")]).contains("overlapping"));
    assert!(error(&[("MINIO_DOMAIN", "http://x")]).starts_with("Invalid MINIO_DOMAIN value in environment variable"));
    assert!(resolve(&[("MINIO_DOMAIN", "ba.example,a.example")]).is_ok());
}

#[test]
fn the_engine_of_the_drives_can_be_chosen() {
    let engine = |value| resolve(&[("RUSTFS_DRIVE_ENGINE", value)]).map(|settings| settings.drive_engine);
    assert_eq!(engine("").unwrap(), DriveEngine::Auto);
    assert_eq!(engine("auto").unwrap(), DriveEngine::Auto);
    assert_eq!(engine("io_uring").unwrap(), DriveEngine::IoUring);
    assert_eq!(engine("threads").unwrap(), DriveEngine::Threads);
    let error = engine("aio").unwrap_err().to_string();
    assert!(error.contains("RUSTFS_DRIVE_ENGINE") && error.contains("'aio'"), "{error}");
}

#[test]
fn the_root_drive_is_accepted_in_tests_only() {
    assert!(resolve(&[("CI", "off")]).unwrap().root_drive.accept);
    assert!(resolve(&[("MINIO_CI_CD", "1")]).unwrap().root_drive.accept);
    assert_eq!(resolve(&[("MINIO_ROOTDISK_THRESHOLD_SIZE", "1GiB")]).unwrap().root_drive.threshold, Some(1 << 30));
    assert!(error(&[("MINIO_ROOTDRIVE_THRESHOLD_SIZE", "x")]).contains("'x' is not a size"));
}

#[test]
fn accounts_are_apart_only_where_that_is_said() {
    let apart = |value| resolve(&[("RUSTFS_SEPARATE_ACCOUNTS", value)]).map(|settings| settings.separate_accounts);
    assert!(!resolve(&[]).unwrap().separate_accounts);
    assert!(apart("on").unwrap() && !apart("off").unwrap());
    assert!(error(&[("RUSTFS_SEPARATE_ACCOUNTS", "perhaps")]).contains("RUSTFS_SEPARATE_ACCOUNTS"));
}

#[test]
fn records_of_requests_wait_as_long_as_is_said() {
    let interval =
        |value| resolve(&[("RUSTFS_ACCESS_LOG_INTERVAL", value)]).map(|settings| settings.access_log_interval);
    assert_eq!(resolve(&[]).unwrap().access_log_interval, Duration::from_secs(300));
    assert_eq!(interval("10s").unwrap(), Duration::from_secs(10));
    assert!(error(&[("RUSTFS_ACCESS_LOG_INTERVAL", "soon")]).contains("'soon' is not a duration"));
}

#[test]
fn bad_api_values_are_warned_of_and_replaced_by_the_default() {
    let bad = resolve(&[("MINIO_API_REQUESTS_MAX", "many"), ("MINIO_API_CLUSTER_DEADLINE", "soon")]).unwrap();
    assert_eq!(bad.api, Api::default());
    assert_eq!(bad.warnings.len(), 2);
    let good = resolve(&[
        ("MINIO_API_REQUESTS_MAX", "100"),
        ("MINIO_API_CLUSTER_DEADLINE", "3s"),
        ("MINIO_API_CORS_ALLOW_ORIGIN", "http://a, http://b"),
        ("MINIO_API_OBJECT_MAX_VERSIONS", "9223372036854775807"),
        ("MINIO_API_ROOT_ACCESS", "off"),
        ("_MINIO_API_XFF_HEADER", "on"),
    ])
    .unwrap();
    assert_eq!(good.api.requests_max, Some(100));
    assert_eq!(good.api.cluster_deadline, Duration::from_secs(3));
    assert_eq!(good.api.cors_allow_origin, ["http://a", "http://b"]);
    assert_eq!(good.api.object_max_versions, None);
    assert!(!good.api.root_access);
    assert!(good.api.trust_forwarded, "where it is said");
    assert!(!bad.api.trust_forwarded, "but not by itself");
    assert!(good.warnings.is_empty());
}

#[test]
fn bad_browser_values_are_fatal() {
    assert_eq!(
        error(&[("MINIO_BROWSER", "maybe")]),
        "Invalid MINIO_BROWSER value in environment variable: Invalid console value"
    );
    assert_eq!(
        error(&[("MINIO_BROWSER_REDIRECT_URL", "ftp://x")]),
        "Invalid MINIO_BROWSER_REDIRECT_URL value in environment variable: unexpected scheme found ftp://x"
    );
    for url in ["https://", "https://h/?q", "https://u@h", "https://h#f"] {
        assert!(resolve(&[("MINIO_SERVER_URL", url)]).is_err(), "{url}");
    }
    assert!(resolve(&[("MINIO_SERVER_URL", "https://h:9000/base")]).is_ok());
    assert!(!resolve(&[("MINIO_BROWSER", "off")]).unwrap().browser.enabled);
}

#[test]
fn storage_class_mistakes_and_set_sizes_are_fatal() {
    assert_eq!(
        error(&[("MINIO_STORAGE_CLASS_STANDARD", "XX:1")]),
        "Unable to initialize backend: Unsupported scheme XX. Supported scheme is EC"
    );
    assert!(error(&[("MINIO_ERASURE_SET_DRIVE_COUNT", "x")]).contains("MINIO_ERASURE_SET_DRIVE_COUNT"));
    assert_eq!(resolve(&[("MINIO_ERASURE_SET_DRIVE_COUNT", "2")]).unwrap().layout.pools[0].set_size, 2);
    assert_eq!(resolve(&[("MINIO_STORAGE_CLASS_STANDARD", "EC:0")]).unwrap().warnings.len(), 1);
}

#[test]
fn a_configuration_file_is_refused_clearly() {
    assert!(error(&[("MINIO_CONFIG", "/c.yaml")]).contains("not supported yet"));
}

#[test]
fn durations_of_flags_are_checked() {
    assert!(error(&[("MINIO_IDLE_TIMEOUT", "30")]).contains("--idle-timeout"));
    assert_eq!(resolve(&[("MINIO_IDLE_TIMEOUT", "5s")]).unwrap().idle_timeout, Duration::from_secs(5));
}
