// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Blob} from "../../avs/lib/Blob.sol";
import {Test} from "../Vm.sol";

contract BlobCaller {
    function write(bytes memory data) external returns (address) {
        return Blob.write(data);
    }

    function read(address blob, uint256 offset, uint256 size) external view returns (bytes memory) {
        return Blob.read(blob, offset, size);
    }

    function readAll(address blob) external view returns (bytes memory) {
        return Blob.readAll(blob);
    }
}

contract BlobTest is Test {
    BlobCaller private blobs;

    function setUp() public {
        blobs = new BlobCaller();
    }

    function testFuzzWhatIsWrittenIsRead(bytes memory data, uint256 offset, uint256 size) public {
        address blob = blobs.write(data);
        vm.assertEq(blobs.readAll(blob), data);
        vm.assertEq(blob.code, bytes.concat(hex"00", data));
        offset = bound(offset, 0, data.length);
        size = bound(size, 0, data.length - offset);
        bytes memory part = new bytes(size);
        for (uint256 i; i < size; ++i) {
            part[i] = data[offset + i];
        }
        vm.assertEq(blobs.read(blob, offset, size), part);
    }

    function testTheLargestBlob() public {
        vm.assertEq(blobs.readAll(blobs.write(new bytes(24_575))).length, 24_575);
        vm.expectRevert(abi.encodeWithSelector(Blob.BlobTooLarge.selector, 24_576));
        blobs.write(new bytes(24_576));
    }

    /// Nobody can run a blob: it stops at once, and has nothing to say.
    function testABlobDoesNothing() public {
        // SELFDESTRUCT to address zero, were it run.
        address blob = blobs.write(hex"5fff");
        (bool done, bytes memory answer) = blob.call("");
        vm.assertTrue(done);
        vm.assertEq(answer, "");
        vm.assertEq(blob.code, hex"005fff");
    }

    /// Too little gas for the code is an error, not a blob at address zero.
    function testTooLittleGas() public {
        vm.expectRevert(Blob.BlobNotWritten.selector);
        blobs.write{gas: 1_000_000}(new bytes(10_000));
    }
}
