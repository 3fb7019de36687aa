use super::harness::*;
use crate::*;
use bytes::Bytes;

fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let rest: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (rest[11].parse::<f64>().unwrap() + rest[12].parse::<f64>().unwrap()) * 10.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bench_list() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let puts = (0..4000).map(|at| {
        let store = store.clone();
        async move {
            put(&store, &format!("dir{}/some-object-name-{at:06}", at % 4), &Bytes::from_static(b"hello world")).await
        }
    });
    use futures_util::StreamExt;
    futures_util::stream::iter(puts).buffer_unordered(16).collect::<Vec<_>>().await;
    quiet(&store).await;
    for round in 0..3 {
        let (c, t) = (cpu(), store.inner.world().clock.steady());
        let mut after = String::new();
        let mut n = 0;
        loop {
            let page = store
                .list(ListRequest { bucket: BUCKET.into(), after: after.clone(), limit: 1000, ..Default::default() })
                .await
                .unwrap();
            n += page.entries.len();
            match page.entries.last() {
                Some(Listed::Object(o)) => after = o.key.clone(),
                _ => break,
            }
            if !page.truncated {
                break;
            }
        }
        eprintln!("round {round}: {n} entries cpu {} ms wall {:?}", cpu() - c, store.inner.world().clock.steady() - t);
    }
    let (c, t) = (cpu(), store.inner.world().clock.steady());
    for _ in 0..100 {
        store
            .list(ListRequest { bucket: BUCKET.into(), delimiter: "/".into(), limit: 1000, ..Default::default() })
            .await
            .unwrap();
    }
    eprintln!("100 root delimiter: cpu {} ms wall {:?}", cpu() - c, store.inner.world().clock.steady() - t);
    let (c, t) = (cpu(), store.inner.world().clock.steady());
    for _ in 0..100 {
        store
            .list(ListRequest { bucket: BUCKET.into(), prefix: "dir1/".into(), limit: 2, ..Default::default() })
            .await
            .unwrap();
    }
    eprintln!("100 of two: cpu {} ms wall {:?}", cpu() - c, store.inner.world().clock.steady() - t);
    store.close().await;
}
