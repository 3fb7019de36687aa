use super::*;
use crate::StaticKeyService;
use base::{ManualClock, Secret, Tasks, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A static key that takes its time, counts, and can be away.
struct Slow {
    key: StaticKeyService,
    world: World,
    asked: AtomicUsize,
    away: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl KeyService for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn default_key_id(&self) -> &str {
        self.key.default_key_id()
    }

    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError> {
        self.key.generate_data_key(key_id, context).await
    }

    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.world.clock.sleep(Duration::from_millis(50)).await;
        if self.away.load(Ordering::SeqCst) {
            let (operation, key) = (Operation::Decrypt, key_id.to_owned());
            return Err(KmsError::Failed { operation, key, cause: "away".to_owned() });
        }
        self.key.decrypt(key_id, ciphertext, context).await
    }

    async fn create_key(&self, key_id: &str) -> Result<(), KmsError> {
        self.key.create_key(key_id).await
    }

    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError> {
        self.key.list_keys(prefix).await
    }

    async fn endpoints(&self) -> Vec<Endpoint> {
        Vec::new()
    }

    async fn version(&self) -> Result<String, KmsError> {
        self.key.version().await
    }

    async fn routes(&self) -> Result<Vec<Route>, KmsError> {
        self.key.routes().await
    }
}

struct Bed {
    slow: Arc<Slow>,
    cached: Arc<CachedKeys>,
    world: World,
    context: Context,
    made: DataKey,
}

async fn bed() -> Bed {
    let world = World {
        clock: Arc::new(ManualClock::new(Timestamp::from_nanos(0))),
        random: Arc::new(base::SeededRandom::new(7)),
        tasks: Tasks::new(),
    };
    let text = Secret::new("mine:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let key = StaticKeyService::parse(&text, Arc::clone(&world.random)).unwrap();
    let context = Context::of_object("bucket", "object");
    let made = key.generate_data_key(None, &context).await.unwrap();
    let slow = Slow { key, world: world.clone(), asked: AtomicUsize::new(0), away: Default::default() };
    let slow = Arc::new(slow);
    let cached = Arc::new(CachedKeys::new(Arc::clone(&slow) as _, world.clone()));
    Bed { slow, cached, world, context, made }
}

impl Bed {
    async fn open(&self) -> Result<Key, KmsError> {
        self.cached.decrypt("mine", &self.made.sealed, &self.context).await
    }

    fn asked(&self) -> usize {
        self.slow.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_want_the_same_key_at_once_ask_once() {
    let bed = bed().await;
    let opened = futures_util::future::join_all((0..20).map(|_| bed.open())).await;
    assert!(opened.into_iter().all(|key| key.unwrap() == bed.made.plain));
    assert_eq!(bed.asked(), 1);
    assert!(bed.open().await.unwrap() == bed.made.plain);
    assert_eq!(bed.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_kept_for_a_while_and_not_longer() {
    let bed = bed().await;
    bed.open().await.unwrap();
    bed.world.clock.sleep(EXPIRY - Duration::from_secs(1)).await;
    bed.open().await.unwrap();
    assert_eq!(bed.asked(), 1);
    bed.world.clock.sleep(Duration::from_secs(2)).await;
    bed.open().await.unwrap();
    assert_eq!(bed.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_context_is_another_question() {
    let bed = bed().await;
    bed.open().await.unwrap();
    let other = bed.cached.decrypt("mine", &bed.made.sealed, &Context::of_object("bucket", "other")).await;
    assert_eq!(other.err(), Some(KmsError::InvalidCiphertext { key: "mine".to_owned() }));
    let other = bed.cached.decrypt("theirs", &bed.made.sealed, &bed.context).await;
    assert_eq!(other.err(), Some(KmsError::KeyNotFound { key: "theirs".to_owned() }));
}

#[tokio::test(start_paused = true)]
async fn failures_are_not_kept_and_what_is_kept_outlives_an_outage() {
    let bed = bed().await;
    bed.slow.away.store(true, Ordering::SeqCst);
    assert!(bed.open().await.is_err_and(|error| error.is_outage()));
    bed.slow.away.store(false, Ordering::SeqCst);
    bed.open().await.unwrap();
    bed.slow.away.store(true, Ordering::SeqCst);
    bed.open().await.unwrap();
    assert_eq!(bed.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_waits_for_any_more_leaves_nothing_behind() {
    let bed = bed().await;
    tokio::select! {
        _ = bed.open() => panic!("too quick"),
        () = bed.world.clock.sleep(Duration::from_millis(1)) => {}
    }
    bed.world.tasks.idle().await;
    assert!(bed.cached.state.lock().opening.is_empty());
    bed.open().await.unwrap();
    assert_eq!(bed.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_more_keys_are_kept_than_the_limit() {
    let mut state = State::default();
    let kept = Kept { key: Key::new([0; 32]), until: Duration::from_secs(1) };
    for number in 0..3 * MAX_KEYS {
        state.keep(fingerprint("k", &number.to_le_bytes(), ""), kept.clone());
        assert!(state.young.len() + state.old.len() <= MAX_KEYS);
    }
    assert!(state.find(&fingerprint("k", &(3 * MAX_KEYS - 1).to_le_bytes(), "")).is_some());
}
