use super::*;
use uuid::Uuid;

fn disk(pool: usize, set: usize, position: usize, state: DriveState) -> Disk {
    let space = service::Space { total: 100, free: 40, used: 60, used_inodes: 3, free_inodes: Some(7) };
    let name = format!("/d{position}");
    let id = Uuid::from_u128(position as u128);
    Disk::from(DriveStatus { name, pool, set, position, id, state, healing: position == 1, space: Some(space) })
}

#[test]
fn sets_are_summed_up_by_pool() {
    let all = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 2)];
    let disks: Vec<Disk> = all.map(|(pool, set, position)| disk(pool, set, position, DriveState::Online)).into();
    let pools = pools(&disks);
    assert_eq!(pools[&0][&0].raw_capacity, 200);
    assert_eq!((pools[&0][&0].raw_usage, pools[&0][&0].heal_disks), (120, 1));
    assert_eq!((pools[&0][&1].id, pools[&0][&1].raw_capacity), (1, 100));
    assert_eq!(pools[&1].len(), 1);
}

#[test]
fn a_drive_that_is_out_of_service_is_offline() {
    let disks = [disk(0, 0, 0, DriveState::Online), disk(0, 0, 1, DriveState::Faulty("it hung".to_owned()))];
    assert_eq!(online_and_offline(&disks), (1, 1));
    let shown = serde_json::to_value(&disks[1]).unwrap();
    assert_eq!((&shown["state"], &shown["healing"]), (&"offline".into(), &true.into()));
    let shown = serde_json::to_value(&disks[0]).unwrap();
    assert_eq!(
        (&shown["availspace"], &shown["free_inodes"], &shown["used_inodes"]),
        (&40.into(), &7.into(), &3.into())
    );
    assert!(shown.get("healing").is_none());
}
